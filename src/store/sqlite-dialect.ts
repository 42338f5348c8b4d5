import { DatabaseSync, type StatementSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from "kysely";
import { givenBuffers } from "./given-blobs.ts";
import {
  runStatement,
  type Statement,
  type StatementAnswer,
  type StatementResult,
} from "./sqlite-statement.ts";

/** Something that runs statements one after the other: a connection here, or the writer thread. */
type Runner = {
  readonly run: (statement: Statement) => StatementResult | Promise<StatementResult>;
  readonly close: () => Promise<void>;
};

/** A read-only connection on the calling thread: for point reads and bounded pages. */
export function readerDialect(path: string): Dialect {
  return dialectOf(() => {
    const database = new DatabaseSync(path, { readOnly: true });
    database.exec("PRAGMA busy_timeout = 10000");
    const statements = new Map<string, StatementSync>();
    return {
      run: (statement) => runStatement(database, statements, statement),
      close: async () => database.close(),
    };
  });
}

/** The single read-write connection, in a thread of its own. */
export function writerDialect(path: string): Dialect {
  return dialectOf(() => startWriterThread(path));
}

function dialectOf(open: () => Runner): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => driverOf(open),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** One connection, handed out to one user at a time: transactions queue up instead of mixing. */
function driverOf(open: () => Runner): Driver {
  let runner: Runner | undefined;
  let turn: Promise<void> = Promise.resolve();
  const releases = new WeakMap<DatabaseConnection, () => void>();
  const run = async (connection: DatabaseConnection, sql: string): Promise<void> => {
    await connection.executeQuery({ sql, parameters: [] } as unknown as CompiledQuery);
  };
  return {
    init: async () => {
      runner = open();
    },
    acquireConnection: async () => {
      const previous = turn;
      const { promise, resolve } = Promise.withResolvers<void>();
      turn = promise;
      await previous;
      if (runner === undefined) throw new Error("The database is not open.");
      const connection = connectionOf(runner);
      releases.set(connection, resolve);
      return connection;
    },
    releaseConnection: async (connection) => releases.get(connection)?.(),
    // IMMEDIATE takes the write lock at once, so that a transaction never fails half-way for it.
    beginTransaction: (connection) => run(connection, "begin immediate"),
    commitTransaction: (connection) => run(connection, "commit"),
    rollbackTransaction: (connection) => run(connection, "rollback"),
    destroy: async () => {
      await runner?.close();
      runner = undefined;
    },
  };
}

function connectionOf(runner: Runner): DatabaseConnection {
  return {
    async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
      const { rows, changes, lastInsertRowid } = await runner.run({ sql, parameters });
      return {
        rows: rows as R[],
        numAffectedRows: BigInt(changes),
        insertId: BigInt(lastInsertRowid),
      };
    },
    // oxlint-disable-next-line require-yield -- the interface wants a generator
    async *streamQuery() {
      throw new Error("Rows are read in pages here, not as a stream.");
    },
  };
}

function startWriterThread(path: string): Runner {
  // Built code lies beside this file as .js, sources as .ts.
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const thread = new Worker(new URL(`./writer-thread.${extension}`, import.meta.url), {
    workerData: { path },
    // The parent's own flags (--test, --eval) are not for a thread.
    execArgv: [],
  });
  const waiting = new Map<number, PromiseWithResolvers<StatementResult>>();
  let lastId = 0;
  let failure: Error | undefined;
  const failAll = (error: Error): void => {
    failure = error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  thread.on("message", ({ id, answer }: { id: number; answer: StatementAnswer }) => {
    const call = waiting.get(id);
    waiting.delete(id);
    if (answer.ok) call?.resolve(answer.result);
    else call?.reject(new Error(answer.message));
  });
  thread.on("error", (error) => failAll(error instanceof Error ? error : new Error(String(error))));
  thread.on("exit", () => failAll(new Error("The database's writer thread has ended.")));
  return {
    run: (statement) => {
      if (failure !== undefined) throw failure;
      const call = Promise.withResolvers<StatementResult>();
      lastId += 1;
      waiting.set(lastId, call);
      thread.postMessage({ id: lastId, statement }, givenBuffers(statement.parameters));
      return call.promise;
    },
    close: () =>
      new Promise((resolve) => {
        if (failure !== undefined) return resolve();
        thread.once("exit", () => resolve());
        thread.postMessage("close");
      }),
  };
}
