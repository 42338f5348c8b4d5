/** A model as `--answer-model` or `--embedding-model` names it. */
export type ModelSetting =
  | { readonly provider: "none" }
  | { readonly provider: "openai"; readonly model: string; readonly url: string }
  | { readonly provider: "anthropic"; readonly model: string }
  | { readonly provider: "bedrock"; readonly model: string };

/** A setting, or one line that says what is wrong with it. */
export type ParsedSetting =
  | { readonly ok: true; readonly setting: ModelSetting }
  | { readonly ok: false; readonly problem: string };

type Provider = ModelSetting["provider"];
type Flag = { readonly name: string; readonly forms: Readonly<Partial<Record<Provider, string>>> };

const answerModel: Flag = {
  name: "--answer-model",
  forms: {
    none: "none",
    openai: "openai:MODEL@URL",
    anthropic: "anthropic:MODEL",
    bedrock: "bedrock:MODEL",
  },
};

// Anthropic offers no embeddings.
const embeddingModel: Flag = {
  name: "--embedding-model",
  forms: { none: "none", openai: "openai:MODEL@URL", bedrock: "bedrock:MODEL" },
};

const lengthMax = 2048;
// No white space or control characters: a pasted line break must not travel into a request.
const modelName = /^[^\s\p{Cc}]{1,512}$/u;

/**
 * Reads `--answer-model`: `none`, `openai:MODEL@URL`, `anthropic:MODEL` or `bedrock:MODEL`.
 * `parseAnswerModel("openai:llama3:8b@http://127.0.0.1:11434/v1")` gives the model `llama3:8b`.
 */
export function parseAnswerModel(text: string): ParsedSetting {
  return parse(answerModel, text);
}

/** Reads `--embedding-model`: `none`, `openai:MODEL@URL` or `bedrock:MODEL`. */
export function parseEmbeddingModel(text: string): ParsedSetting {
  return parse(embeddingModel, text);
}

/**
 * One line that refuses a well-formed setting this version cannot serve, or nothing. Start-up ends
 * with it: an operator who configured a model must not get answers that were made without one.
 */
export function refusalOf(flag: string, setting: ModelSetting): string | undefined {
  if (setting.provider === "none") return undefined;
  return `${flag}: the provider "${setting.provider}" is not built yet; use "none".`;
}

function parse(flag: Flag, text: string): ParsedSetting {
  const colon = text.indexOf(":");
  const provider = colon === -1 ? text : text.slice(0, colon);
  if (text.length > lengthMax || !isProvider(flag, provider)) return wrongForm(flag, text);
  if (provider === "none") {
    return colon === -1 ? { ok: true, setting: { provider } } : wrongForm(flag, text);
  }
  const rest = colon === -1 ? "" : text.slice(colon + 1);
  if (provider === "openai") return parseOpenAi(flag, rest);
  if (!modelName.test(rest)) return problem(flag, `names no model; write ${flag.forms[provider]}`);
  return { ok: true, setting: { provider, model: rest } };
}

function parseOpenAi(flag: Flag, rest: string): ParsedSetting {
  // A model name may hold "@" and ":", so the scheme is what tells where the URL begins.
  const at = rest.search(/@[a-z]+:\/\//i);
  const model = at === -1 ? rest : rest.slice(0, at);
  if (!modelName.test(model)) return problem(flag, "names no model; write openai:MODEL@URL");
  if (at === -1) return problem(flag, "needs the server's URL; write openai:MODEL@URL");
  const url = URL.parse(rest.slice(at + 1));
  if (url === null) return problem(flag, "has a URL that cannot be read");
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    return problem(flag, "needs an http or https URL");
  }
  // Command lines are visible to other users of a machine, and URLs end up in logs.
  if (url.username !== "" || url.password !== "") {
    return problem(flag, "must not hold credentials in its URL");
  }
  if (url.search !== "" || url.hash !== "") {
    return problem(flag, "must not have a query or fragment in its URL");
  }
  return { ok: true, setting: { provider: "openai", model, url: url.href.replace(/\/+$/, "") } };
}

function isProvider(flag: Flag, provider: string): provider is Provider {
  return Object.hasOwn(flag.forms, provider);
}

function wrongForm(flag: Flag, text: string): ParsedSetting {
  const shown = JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
  return problem(flag, `is ${shown}; it must be ${Object.values(flag.forms).join(", ")}`);
}

function problem(flag: Flag, what: string): ParsedSetting {
  return { ok: false, problem: `${flag.name} ${what}.` };
}
