import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/**
 * Takes sole hold of a data directory for as long as the process lives: two servers on one
 * directory would each believe to be the only writer. The lock is the file system's, so it is gone
 * when the process is, however it ended.
 *
 * @throws Error with one clear line where another process holds it.
 */
export function lockDataDir(dataDir: string): Disposable {
  const database = new DatabaseSync(join(dataDir, "lock"));
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE");
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    throw new Error(
      `The data directory ${dataDir} is in use by another Quarry; stop that one or choose another with --data-dir.`,
      { cause: error },
    );
  }
  return { [Symbol.dispose]: () => database.close() };
}
