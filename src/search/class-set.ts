/** Ids of ACL classes, one bit each: small enough to be sent to a thread with every question. */
export type ClassSet = Uint32Array<ArrayBuffer>;

/** An empty set with room for ids up to `last`. */
export function emptyClassSet(last: number): ClassSet {
  return new Uint32Array((last >>> 5) + 1);
}

/** Whether the class is in the set; ids beyond its room are not. */
export function hasClass(set: ClassSet, id: number): boolean {
  return ((set[id >>> 5] ?? 0) & (1 << (id & 31))) !== 0;
}

/** Adds a class; there must be room for it. */
export function addClass(set: ClassSet, id: number): void {
  set[id >>> 5] = (set[id >>> 5] ?? 0) | (1 << (id & 31));
}

/** Takes a class out. */
export function removeClass(set: ClassSet, id: number): void {
  set[id >>> 5] = (set[id >>> 5] ?? 0) & ~(1 << (id & 31));
}
