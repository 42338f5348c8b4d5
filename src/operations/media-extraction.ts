import type { MediaExtractionConfiguration } from "../contract/contract.ts";

/** What is said where somebody asks for it. */
export const noMedia = "Quarry does not extract media; every status must be DISABLED";

/** Whether a configuration asks for the content of pictures, audio or video. */
export function extractsMedia(media: MediaExtractionConfiguration | undefined): boolean {
  return (
    media?.imageExtractionConfiguration?.imageExtractionStatus === "ENABLED" ||
    media?.audioExtractionConfiguration?.audioExtractionStatus === "ENABLED" ||
    media?.videoExtractionConfiguration?.videoExtractionStatus === "ENABLED"
  );
}
