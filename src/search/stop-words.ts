/**
 * English words too common to tell one passage from another, and the words that questions are
 * made of. They are indexed, but a query uses them only when nothing else of it matches.
 */
export const stopWords: ReadonlySet<string> = new Set(
  (
    "a an the this that these those there here " +
    "i me my mine we us our ours you your yours he him his she her hers it its they them their " +
    "am is are was were be been being do does did doing done has have had having " +
    "can could will would shall should may might must " +
    "and or but nor so if then than because as while until " +
    "of in on at by for from to into onto with without within about between through during " +
    "before after over under above below up down out off again " +
    "what which who whom whose when where why how " +
    "not no yes any some each every all both few more most other such own same too very just only also " +
    "one s t don dont doesnt didnt isnt arent wasnt werent cant couldnt wont wouldnt shouldnt " +
    "im ive id ill youre youve hes shes were weve theyre theyve whats thats theres lets " +
    "please tell"
  ).split(" "),
);
