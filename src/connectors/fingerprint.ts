import { createHash } from "node:crypto";
import type { ListedObject } from "../objects/objects.ts";
import type { AclFile } from "./acl-file.ts";
import {
  accessConfigurationOf,
  resolveAcl,
  type AccessConfiguration,
  type ResolvedAccess,
} from "./resolve-acl.ts";
import type { Metadata } from "./metadata-file.ts";

/** What a document looked like when it was last taken up. Kept by the store, compared by parts. */
export type Fingerprint = {
  readonly objectEtag: string;
  readonly sizeBytes: number;
  /** Null: there was no metadata file. */
  readonly metadataEtag: string | null;
  readonly metadataHash: string | null;
  /** Hash of the access list in the metadata file; null: it had none. */
  readonly metadataAccessHash: string | null;
  /** Hash of who may read the document, wherever that was said. */
  readonly accessHash: string;
  /** Hash of the parts of the configuration that shape documents. */
  readonly settingsHash: string;
  /** Where the object lay: ids and addresses name it. Absent in what was remembered before it was kept. */
  readonly bucket?: string;
  /** SHA-256 of the content; absent until it has been read. */
  readonly contentHash?: string;
};

/** Hash of anything that JSON can write, with a fixed order of keys where it was built in one. */
export function hashOf(value: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(value) ?? "")
    .digest("hex")
    .slice(0, 32);
}

/** Hash of who may read; `public` however it came about. */
export function accessHashOf(access: ResolvedAccess): string {
  if (access.kind === "public") return "public";
  const { accessConfiguration } = access;
  const hash = accessHashes.get(accessConfiguration) ?? hashOf(accessConfiguration);
  accessHashes.set(accessConfiguration, hash);
  return hash;
}

/** Configurations are frozen values that many documents share. */
const accessHashes = new WeakMap<AccessConfiguration, string>();

/** What decides about readers in one sync. */
export type AccessRules = { readonly aclFile?: AclFile; readonly unlisted: "allow" | "deny" };

/** The access hash that a document would have now, if its metadata file still says the same. */
export function currentAccessHash(
  key: string,
  metadataAccessHash: string | null,
  rules: AccessRules,
): string {
  return metadataAccessHash ?? accessHashOf(resolveAcl({ key, ...rules }));
}

/** The fingerprint of an object as it is now. */
export function fingerprintOf(options: {
  readonly object: ListedObject;
  readonly metadata?: { readonly etag: string; readonly bytes: Uint8Array; parsed?: Metadata };
  readonly accessHash: string;
  readonly settingsHash: string;
  readonly bucket: string;
}): Fingerprint {
  const { object, metadata, accessHash, settingsHash, bucket } = options;
  const list = metadata?.parsed?.accessList;
  const hash = metadata && createHash("sha256").update(metadata.bytes).digest("hex").slice(0, 32);
  return {
    objectEtag: object.etag,
    sizeBytes: object.sizeBytes,
    metadataEtag: metadata?.etag ?? null,
    metadataHash: hash ?? null,
    metadataAccessHash: list === undefined ? null : hashOf(accessConfigurationOf(list)),
    accessHash,
    settingsHash,
    bucket,
  };
}

/** Whether the configuration shapes documents as it did. A copied bucket has the same ETags. */
export function isSameSetting(
  before: Fingerprint,
  now: { readonly settingsHash: string; readonly bucket?: string },
): boolean {
  const isSamePlace = before.bucket === undefined || before.bucket === now.bucket;
  return isSamePlace && before.settingsHash === now.settingsHash;
}

/** What differs between two fingerprints. A metadata file touched but identical does not. */
export type Change = "content" | "metadata" | "access" | "settings";

/** The differences that make a document modified. */
export function changesBetween(before: Fingerprint, now: Fingerprint): readonly Change[] {
  const changes: Change[] = [];
  if (before.objectEtag !== now.objectEtag || before.sizeBytes !== now.sizeBytes)
    changes.push("content");
  if (before.metadataHash !== now.metadataHash) changes.push("metadata");
  if (before.accessHash !== now.accessHash) changes.push("access");
  if (!isSameSetting(before, now)) changes.push("settings");
  return changes;
}
