// The one writer: a thread that owns the only read-write connection, so that a commit (which waits
// for the disk) never holds up the event loop. Statements arrive one by one and answer in order.
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import { runStatement, type Statement, type StatementAnswer } from "./sqlite-statement.ts";

const port = parentPort;
if (port === null) throw new Error("writer-thread.ts runs as a worker thread only");

const { path } = workerData as { readonly path: string };
const database = new DatabaseSync(path);
// FULL: a transaction is on the disk when its commit returns, also after a loss of power.
database.exec("PRAGMA journal_mode = WAL");
database.exec("PRAGMA synchronous = FULL");
database.exec("PRAGMA foreign_keys = ON");
database.exec("PRAGMA busy_timeout = 10000");
// Enough for what a batch touches; the system's own cache holds the rest of the file.
database.exec("PRAGMA cache_size = -8192");
// Checkpoints copy pages back into the main file; a larger log means fewer of them under load.
database.exec("PRAGMA wal_autocheckpoint = 4000");

const statements = new Map<string, StatementSync>();

port.on("message", (message: { readonly id: number; readonly statement: Statement } | "close") => {
  if (message === "close") {
    database.close();
    port.close();
    return;
  }
  let answer: StatementAnswer;
  try {
    answer = { ok: true, result: runStatement(database, statements, message.statement) };
  } catch (error) {
    answer = { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
  port.postMessage({ id: message.id, answer });
});
