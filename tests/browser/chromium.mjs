// Debian's Chromium, driven by playwright-core, which brings no browser of its own. CHROMIUM names another one.
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const SCREENSHOTS = fileURLToPath(new URL("../../target/screenshots/", import.meta.url));

// A browser with an empty profile, and more arguments. Closing it is the caller's.
export function launch(...more) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox", // the suites may run as root
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...more,
    ],
  });
}

// A picture of the page for people to look at, under target/screenshots.
export async function screenshot(page, name) {
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: `${SCREENSHOTS}${name}.png`, fullPage: true });
}
