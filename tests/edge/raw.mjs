// Sends a request target as it is, which fetch() would normalize.
import { connect } from "node:net";

export async function getRaw(address, target, headers = "") {
  const { hostname, port } = new URL(address);
  const socket = connect(port, hostname);
  socket.write(`GET ${target} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n${headers}Connection: close\r\n\r\n`);
  // The server closes the connection. After end() it might not answer at all.
  const response = (await socket.toArray()).join("");
  return { status: Number(response.split(" ")[1]), location: response.match(/\r\nlocation: (.*)\r\n/i)?.[1], body: response.split("\r\n\r\n")[1] };
}
