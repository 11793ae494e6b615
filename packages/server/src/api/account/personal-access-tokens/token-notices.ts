/** Who is told by mail of a personal access token: its owner, and whoever has to approve it. */
import { isMailAddress, type SealedMail } from '../../../domain/mail-message.ts';
import type { PersonalAccessToken } from '../../../domain/personal-access-token.ts';
import type { User } from '../../../domain/user.ts';
import type { MailDraft, SealMail } from '../../../ports/outbox.ts';
import { awaitingMail, createdMail } from '../../../protocol/personal-tokens/token-mails.ts';

export interface NoticeDependencies {
  readonly issuer: string;
  /** Undefined where no mail is ever delivered. */
  readonly sealMail: SealMail | undefined;
  /** The addresses of those who approve tokens for an organization. */
  readonly decidersOf: (organizationId: string) => Promise<readonly string[]>;
}

type Owner = Pick<User, 'email' | 'displayName'>;

/** @param old what it took the place of, where it was regenerated */
export async function noticesOfNew(
  token: PersonalAccessToken,
  owner: Owner,
  dependencies: NoticeDependencies,
  old?: PersonalAccessToken,
): Promise<readonly SealedMail[]> {
  const { issuer } = dependencies;
  const drafts = [createdMail({ issuer, to: owner.email, token }, old)];
  return [
    ...sealed(drafts, token.createdAt, dependencies),
    ...(await noticesOfWaiting(token, owner, token.createdAt, dependencies)),
  ];
}

/** None unless it waits. @param at milliseconds */
export async function noticesOfWaiting(
  token: PersonalAccessToken,
  owner: Owner,
  at: number,
  dependencies: NoticeDependencies,
): Promise<readonly SealedMail[]> {
  const { issuer, sealMail, decidersOf } = dependencies;
  const { approval, approvalOrganizationId: organizationId } = token;
  if (sealMail === undefined || approval !== 'pending' || organizationId === undefined) return [];
  const deciders = [...new Set(await decidersOf(organizationId))];
  return sealed(
    deciders.map((to) => awaitingMail({ issuer, to, token }, owner)),
    at,
    dependencies,
  );
}

function sealed(
  drafts: readonly MailDraft[],
  at: number,
  { sealMail }: Pick<NoticeDependencies, 'sealMail'>,
): readonly SealedMail[] {
  if (sealMail === undefined) return [];
  return drafts.filter(({ to }) => isMailAddress(to)).map((draft) => sealMail(draft, at));
}
