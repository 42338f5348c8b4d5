export { extractAnswer } from "./extract.ts";
export type { Retrieved, SourcePassage } from "./passages.ts";
