// The words of the answerer are the words of the engine: a term found is a term that is indexed.
export { synonymsOf, tokenize } from "../search/search.ts";
export type { Token } from "../search/search.ts";
