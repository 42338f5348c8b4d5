/** What is left of a type when absent members are left out. */
export type Changed<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** The members that a partial update brings: absent ones stay out, so that they overwrite nothing. */
export function changedMembers<T extends object>(input: T): Changed<T> {
  return Object.fromEntries(
    Object.entries(input).filter(([, value]) => value !== undefined),
  ) as Changed<T>;
}
