/**
 * The URL of a module next to the one at `from`, which runs as TypeScript from the sources and as
 * JavaScript when built. `siblingModule("./watchdog", import.meta.url)`
 */
export function siblingModule(name: string, from: string): URL {
  return new URL(`${name}${from.endsWith(".ts") ? ".ts" : ".js"}`, from);
}
