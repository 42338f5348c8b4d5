import { canonicalEmail } from "../core/email.ts";
import { principals, type WriteTransaction } from "../store/store.ts";

/**
 * Lets somebody in whom the identity provider vouches for. The first sign-in makes the user, or
 * binds a stored one to the provider's own id of the person. Later, the same address with another
 * id is another person: refused until the stored user is deleted. Source: Amazon Q Business user
 * guide, "Understanding Amazon Q Business User Store".
 */
export async function admit(
  trx: WriteTransaction,
  person: {
    readonly applicationId: string;
    readonly email: string;
    /** What the identity provider never gives to anybody else. */
    readonly subjectId: string;
    readonly at: Date;
  },
): Promise<"admitted" | "refused"> {
  const { applicationId, email, subjectId, at } = person;
  const userId = canonicalEmail(email);
  const user = await principals.findUser(trx, { applicationId, userId });
  if (user === undefined) {
    await principals.insertUser(trx, { applicationId, userId, name: email, subjectId, at });
    return "admitted";
  }
  if (user.subjectId === subjectId) return "admitted";
  if (user.subjectId !== "") return "refused";
  await principals.bindUser(trx, user.key, subjectId);
  return "admitted";
}
