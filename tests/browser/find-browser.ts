import { existsSync } from "node:fs";
import { findChromium } from "./chromium.ts";

/** The browser's file, and why the journeys cannot run where they cannot. */
export function findBrowser(): { readonly executablePath: string; readonly skip: false | string } {
  const executablePath = findChromium();
  if (executablePath === undefined) {
    const skip = "no Chromium found; set CHROMIUM_PATH to run the browser journeys";
    return { executablePath: "", skip };
  }
  const isBuilt = existsSync(new URL("../../ui/dist/index.html", import.meta.url));
  return {
    executablePath,
    skip: !isBuilt && "the page is not built; run tools/build.ts --only=ui",
  };
}
