// Times, counts and names in words.
export const MAX_LENGTH = 4096; // RFC 6265bis, section 5.6

export const keyInWords = (index) => (index === 0 ? "the secret key" : `fallback key ${index}`);

export const capital = (words) => words[0].toUpperCase() + words.slice(1);

export const plural = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

// In the two largest units.
export function duration(seconds) {
  const units = [[86_400, "day"], [3600, "hour"], [60, "minute"], [1, "second"]];
  let rest = Math.floor(Math.abs(seconds));
  const words = [];
  for (const [size, noun] of units) {
    if (words.length === 2) break;
    const count = Math.floor(rest / size);
    rest %= size;
    if (count > 0) words.push(plural(count, noun));
    else if (words.length > 0) break;
  }
  return words.join(" ") || "0 seconds";
}

export function date(seconds) {
  const instant = new Date(seconds * 1000);
  if (Number.isNaN(instant.getTime())) return `Unix time ${seconds}`;
  return instant.toISOString().replace("T", " ").replace(/\.\d+Z$/, " UTC");
}

export const relative = (seconds, now) => (seconds > now ? `in ${duration(seconds - now)}` : `${duration(now - seconds)} ago`);
