import { DocumentFailure } from "../failure.ts";
import { checkZip, readZipDirectory, readZipEntry } from "../zip.ts";
import type { ZipEntry } from "../zip.ts";
import { readMarkup } from "./markup.ts";

/** The XML parts of an office file by their names; each is unpacked when it is asked for. */
export type OfficeParts = {
  readonly names: readonly string[];
  /** Text of a part, `undefined` when there is none of that name. */
  readonly text: (name: string) => string | undefined;
  /** What a part's relationships point to: id -> name of the part. */
  readonly targets: (name: string) => ReadonlyMap<string, Target>;
};

/** Where a relationship leads, and what kind it is (the last word of its type). */
export type Target = { readonly name: string; readonly type: string };

const relationship = new Set(["Relationship"]);

/** Checks the container and opens it; throws `DocumentFailure` for bombs and broken files. */
export function openOfficeFile(bytes: Buffer): OfficeParts {
  const entries = readZipDirectory(bytes);
  if (entries === undefined) {
    const reason = "The file is cut off or damaged. Upload it again from the original.";
    throw new DocumentFailure("corrupt", reason);
  }
  checkZip(entries, bytes.length);
  const byName = new Map(entries.map((entry): [string, ZipEntry] => [partName(entry.name), entry]));
  const text = (name: string): string | undefined => {
    const entry = byName.get(name);
    return entry === undefined ? undefined : readZipEntry(bytes, entry).toString("utf8");
  };
  return {
    names: [...byName.keys()],
    text,
    targets: (name) => readTargets(name, text(relationshipsOf(name)) ?? ""),
  };
}

function partName(name: string): string {
  return name.replaceAll("\\", "/").replace(/^\/+/, "");
}

function relationshipsOf(name: string): string {
  const slash = name.lastIndexOf("/") + 1;
  return `${name.slice(0, slash)}_rels/${name.slice(slash)}.rels`;
}

function readTargets(name: string, xml: string): ReadonlyMap<string, Target> {
  const targets = new Map<string, Target>();
  const folder = name.slice(0, name.lastIndexOf("/") + 1);
  readMarkup(
    xml,
    {
      open(_, attributes) {
        const id = attributes.get("Id");
        const target = attributes.get("Target");
        if (id === undefined || target === undefined) return;
        // What lies outside of the file is never followed.
        if (attributes.get("TargetMode") === "External") return;
        const type = attributes.get("Type") ?? "";
        const found = {
          name: resolve(folder, target),
          type: type.slice(type.lastIndexOf("/") + 1),
        };
        targets.set(id, found);
      },
      close: () => undefined,
      text: () => undefined,
    },
    { isXml: true, attributesOf: relationship },
  );
  return targets;
}

function resolve(folder: string, target: string): string {
  if (target.startsWith("/")) return target.slice(1);
  const path: string[] = [];
  for (const step of `${folder}${target}`.split("/")) {
    if (step === "..") path.pop();
    else if (step !== "." && step !== "") path.push(step);
  }
  return path.join("/");
}

/** A name without its namespace prefix: `a:t` is `t`. */
export function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

/** The title in the properties of an office file, as written. */
export function writtenTitle(
  parts: Pick<OfficeParts, "text">,
  properties = "docProps/core.xml",
): string {
  let isTitle = false;
  let title = "";
  readMarkup(
    parts.text(properties) ?? "",
    {
      open: (name) => void (isTitle = localName(name) === "title"),
      close: () => void (isTitle = false),
      text: (text) => void (title += isTitle ? text : ""),
    },
    { isXml: true },
  );
  return title;
}
