/**
 * The deletion safeguard: does a sync that would delete `toDelete` documents, having seen
 * `scanned`, keep them instead? A threshold of 0 keeps all, 100 protects nothing. Source:
 * "Connecting Amazon S3 to Amazon Q Business", deletion protection.
 *
 * @example isDeletionHeld({ scanned: 84, toDelete: 15 }, { isEnabled: true, thresholdPercent: 15 }) // true
 */
export function isDeletionHeld(
  counts: { readonly scanned: number; readonly toDelete: number },
  protection: { readonly isEnabled: boolean; readonly thresholdPercent: number },
): boolean {
  const { scanned, toDelete } = counts;
  if (!protection.isEnabled) return false;
  // Multiplied out, so that 15 of 100 is exactly 15 per cent.
  return 100 * toDelete > protection.thresholdPercent * (scanned + toDelete);
}
