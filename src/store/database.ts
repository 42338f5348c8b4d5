import { Kysely, sql, type Transaction } from "kysely";
import { migrate } from "./migrate.ts";
import { rememberReads } from "./read-cache.ts";
import type { Schema } from "./schema.ts";
import { readerDialect, writerDialect } from "./sqlite-dialect.ts";

/** A running write transaction: handed to every function that changes something. */
export type WriteTransaction = Transaction<Schema>;

/** Anything that can be read from: the reading connection, or a running transaction. */
export type Readable = Kysely<Schema>;

/** An open database: one writer, any number of readers. */
export type Database = AsyncDisposable & {
  /** Sees what has been committed. For point reads and bounded pages: it runs on this thread. */
  readonly read: Readable;
  /**
   * Reads what belongs together at one moment: no commit comes between its reads. They have to go
   * through what `look` is given; others wait meanwhile, so it is for a few point reads.
   */
  readonly snapshot: <T>(look: (db: Readable) => Promise<T>) => Promise<T>;
  /**
   * Runs `change` in a transaction of its own, after those asked for before. When the promise
   * resolves, the change survives `kill -9`; when it rejects, nothing of it has happened.
   */
  readonly write: <T>(change: (trx: WriteTransaction) => Promise<T>) => Promise<T>;
  /** The file, for worker threads that open readers of their own. */
  readonly path: string;
};

/**
 * Opens (and creates or migrates) the database in a file.
 *
 * @throws Error with one clear line if the file was written by a newer version.
 */
export async function openDatabase(path: string): Promise<Database> {
  const writer = new Kysely<Schema>({ dialect: writerDialect(path) });
  try {
    await migrate(writer);
  } catch (error) {
    await writer.destroy();
    throw error;
  }
  const reader = openReader(path);
  const forgetReads = rememberReads(reader);
  return {
    read: reader,
    path,
    snapshot: (look) =>
      reader.connection().execute(async (connection) => {
        await sql`begin`.execute(connection);
        try {
          return await look(connection);
        } finally {
          await sql`commit`.execute(connection);
        }
      }),
    write: async (change) => {
      try {
        return await writer.transaction().execute(change);
      } finally {
        // Also after a failure: a commit may have come through although its answer did not.
        forgetReads();
      }
    },
    async [Symbol.asyncDispose]() {
      await reader.destroy();
      await writer.destroy();
    },
  };
}

/** A further read-only connection on the calling thread; the caller destroys it. */
export function openReader(path: string): Kysely<Schema> {
  return new Kysely<Schema>({ dialect: readerDialect(path) });
}
