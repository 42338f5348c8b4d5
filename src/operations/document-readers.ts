import {
  type AclContent,
  listReaders,
  parseAcl,
  type Reader,
  type Readers,
} from "../search/search.ts";
import { aclClasses, type Document, documents } from "../store/store.ts";
import type { ApplicationRecord } from "./application.ts";
import { contentOf } from "./application-content.ts";
import type { Call } from "./call.ts";
import { notFound, requireApplication, requireResource } from "./not-found.ts";

/**
 * One line of the report of who may read a document: what holds for it as a whole, then each entry
 * of its lists, then each person who may read it or is denied, then how many they were.
 */
export type ReaderLine =
  | {
      readonly Kind: "DOCUMENT";
      readonly DocumentId: string;
      readonly DataSourceId: string;
      readonly Access: "EVERYONE" | "LISTED" | "NOBODY";
      /** Of `NOBODY`: it is not in the index, or has a list and every visitor is anonymous. */
      readonly Because?: "NOT_INDEXED" | "ANONYMOUS_APPLICATION";
      /** Of its lists, which a reader must pass all; how the conditions of each are combined. */
      readonly Relations?: readonly ("AND" | "OR")[];
    }
  | {
      readonly Kind: "ENTRY";
      readonly List: number;
      readonly Condition: number;
      /** How the entries of that condition are combined. */
      readonly Relation: "AND" | "OR";
      readonly Access: "ALLOW" | "DENY";
      readonly Principal: "USER" | "GROUP";
      readonly Name: string;
      readonly Type: "INDEX" | "DATASOURCE";
      readonly IsKnown: boolean;
      readonly People: number;
    }
  | {
      readonly Kind: "USER";
      readonly UserId: string;
      readonly IsKnown: boolean;
      readonly HasAccess: boolean;
      readonly Because: readonly {
        readonly Principal: "USER" | "GROUP";
        readonly Type: "INDEX" | "DATASOURCE";
        /** The entry's name, then the groups on the way to the person. */
        readonly Path: readonly string[];
      }[];
    }
  | {
      readonly Kind: "END";
      readonly Readers: number;
      readonly Denied: number;
      /** False where the groups hold too many to name anybody. */
      readonly IsComplete: boolean;
    };

type Wanted = {
  readonly applicationId: string;
  readonly indexId: string;
  readonly dataSourceId: string;
  readonly documentId: string;
};

/**
 * Opens the report of who may read a document now: the lists and the user store as of one moment.
 *
 * @throws ResourceNotFoundException for a document that is not there.
 */
export async function openReaders(wanted: Wanted, call: Call): Promise<AsyncIterable<ReaderLine>> {
  const { applicationId, indexId } = wanted;
  const { record } = await requireApplication<ApplicationRecord>(call, applicationId);
  await requireResource(call, "index", indexId, { applicationId });
  await contentOf(call, applicationId);
  const isAnonymous = record.identityType === "ANONYMOUS";
  const found = await call.db.snapshot(async (db) => {
    const document = await documents.findById(db, wanted);
    if (document === undefined) throw notFound("document", wanted.documentId);
    if (!isIndexed(document)) return "NOT_INDEXED" as const;
    const classes = [document.aclClass, document.guardAclClass].filter((id) => id !== 0);
    const rows = await aclClasses.find(db, classes);
    const contents = classes.map((id) => contentIn(rows.find((row) => row.id === id)?.canonical));
    const isOpen = contents.length > 0 && contents.every((content) => content === "public");
    if (isOpen) return "EVERYONE" as const;
    if (isAnonymous) return "ANONYMOUS_APPLICATION" as const;
    const readers = await listReaders(db, { applicationId, indexId, contents });
    return { contents, readers };
  });
  return linesOf(wanted, found);
}

function isIndexed({ publishedVersion, status, aclClass }: Document): boolean {
  const isGoing = status === "DELETING" || status === "DELETED";
  return publishedVersion > 0 && !isGoing && aclClass !== 0;
}

/** A list that cannot be read is passed by nobody. */
function contentIn(canonical: string | undefined): AclContent {
  const closed = { dataSourceId: "", allow: { relation: "OR", conditions: [] }, deny: [] } as const;
  return (canonical === undefined ? undefined : parseAcl(canonical)) ?? closed;
}

type Found =
  | "EVERYONE"
  | "NOT_INDEXED"
  | "ANONYMOUS_APPLICATION"
  | { readonly contents: readonly AclContent[]; readonly readers: Readers };

async function* linesOf(
  { documentId: DocumentId, dataSourceId: DataSourceId }: Wanted,
  found: Found,
): AsyncGenerator<ReaderLine> {
  const about = { Kind: "DOCUMENT", DocumentId, DataSourceId } as const;
  if (found === "EVERYONE") return yield { ...about, Access: found };
  if (typeof found === "string") return yield { ...about, Access: "NOBODY", Because: found };
  const { entries, people, isComplete } = found.readers;
  const lists = found.contents.filter((content) => content !== "public");
  yield { ...about, Access: "LISTED", Relations: lists.map(({ allow }) => allow.relation) };
  for (const entry of entries) {
    const { list, condition, access, kind, name, type, isKnown } = entry;
    const relation = lists[list]?.allow.conditions[condition]?.relation ?? "OR";
    yield {
      Kind: "ENTRY",
      List: list,
      Condition: condition,
      Relation: access === "DENY" ? "OR" : relation,
      Access: access,
      Principal: principalOf(kind),
      Name: name,
      Type: type,
      IsKnown: isKnown,
      People: entry.people,
    };
  }
  for (const person of people) yield personLine(person);
  const readers = people.filter(({ hasAccess }) => hasAccess).length;
  yield { Kind: "END", Readers: readers, Denied: people.length - readers, IsComplete: isComplete };
}

function personLine({ userId, isKnown, hasAccess, because }: Reader): ReaderLine {
  return {
    Kind: "USER",
    UserId: userId,
    IsKnown: isKnown,
    HasAccess: hasAccess,
    Because: because.map(({ kind, type, path }) => ({
      Principal: principalOf(kind),
      Type: type,
      Path: path,
    })),
  };
}

function principalOf(kind: "user" | "group"): "USER" | "GROUP" {
  return kind === "user" ? "USER" : "GROUP";
}
