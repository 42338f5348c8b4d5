// Which module may import which. A change of this table is a change of the design: make it in the
// same commit as the code that needs it, and say why.

/** Module -> modules it may import. `src/main.ts` may import everything, nothing imports it. */
export const allowedImports: Readonly<Record<string, readonly string[]>> = {
  core: [],
  contract: [],
  sigv4: [],
  iam: [],
  documents: ["core"],
  wire: ["contract", "core"],
  store: ["core"],
  // Who somebody is decides what a question finds, so search asks it; operations change it.
  principals: ["store", "core"],
  models: ["core"],
  objects: ["core"],
  identity: ["store", "iam", "sigv4", "core"],
  // Keys are used by whom their policies and grants allow, and identity decides that.
  kms: ["store", "identity", "iam", "core"],
  // A network interface is made with a role's permissions, and remembered.
  network: ["store", "identity", "iam", "core"],
  search: ["store", "principals", "documents", "models", "core"],
  connectors: ["objects", "documents", "core"],
  // Calls of functions that enrich documents are signed, so ingestion needs sigv4.
  ingestion: [
    "connectors",
    "sigv4",
    "objects",
    "network",
    "identity",
    "documents",
    "search",
    "principals",
    "store",
    "models",
    "iam",
    "core",
  ],
  // The answerer shows sentences, and what a sentence is, documents decide.
  chat: ["search", "documents", "models", "store", "core"],
  operations: [
    "contract",
    "wire",
    "identity",
    "iam",
    "search",
    "connectors",
    "ingestion",
    "kms",
    "network",
    "principals",
    "chat",
    "store",
    "core",
  ],
  server: ["wire", "sigv4", "iam", "identity", "operations", "contract", "store", "chat", "core"],
  // Model settings are read where all settings are, so that a bad one ends the start.
  cli: ["contract", "wire", "sigv4", "iam", "models", "core"],
};

/** Files besides `module/module.ts` that other modules may import, each with its reason here. */
export const publicFileExceptions: Readonly<Record<string, readonly string[]>> = {
  // Types generated from the contract: importing them must not pull in the tables.
  contract: ["shapes.ts"],
};
