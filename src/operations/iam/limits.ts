import { queryError } from "../../wire/wire.ts";

/** Refuses one more than a quota allows. */
export function checkQuota(name: string, count: number, max: number): void {
  if (count >= max) throw queryError("LimitExceeded", `Cannot exceed quota for ${name}: ${max}`);
}

/** The size of a policy document as quotas count it: white space is free. */
export function policySize(document: string): number {
  let size = 0;
  for (let at = 0; at < document.length; at += 1) {
    const code = document.charCodeAt(at);
    if (code !== 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d) size += 1;
  }
  return size;
}
