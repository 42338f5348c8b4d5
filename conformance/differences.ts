/** Where Quarry differs from the service on purpose: `service operation` -> how. */
export const differences: Readonly<Record<string, string>> = {
  "qbusiness BatchDeleteDocument":
    "deletes in the call itself; the states DELETING and DELETED of documents are never seen",
  "qbusiness BatchPutDocument":
    "documents that ask for media extraction are refused, and whole numbers beyond 2^53 - 1",
  "qbusiness CreateDataSource": "one that asks for media extraction is refused",
  "qbusiness UpdateDataSource": "one that asks for media extraction is refused",
  "qbusiness GetDocumentContent":
    "extracted tables are text, without cells; elements have no tokens and no media",
  "qbusiness CreateIndex": "the index is ACTIVE when the call returns",
  "qbusiness CreateApplication": "the application is ACTIVE when the call returns",
  "qbusiness SearchRelevantContent":
    "also works on anonymous applications, for callers whose policy grants it",
  "qbusiness ChatSync":
    "answers quote the documents; no model writes them unless one is configured",
  "iam CreateOpenIDConnectProvider":
    "thumbprints are kept and not compared, and the issuer is not asked for one",
  "qbusiness Chat": "answers quote the documents; no model writes them unless one is configured",
};
