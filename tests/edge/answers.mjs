// Calls the methods of a codec, in any host.
export function answers({ Codec, module }, { secrets, options, calls }) {
  const codec = new Codec(module, secrets, options);
  return calls.map(([method, ...rest]) => codec[method](...rest));
}
