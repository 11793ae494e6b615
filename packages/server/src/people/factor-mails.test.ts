import { describe, expect, it } from 'vitest';
import type { MailDraft } from '../ports/outbox.ts';
import {
  factorAddedMail,
  factorRemovedMail,
  factorsResetMail,
  recoveryCodesMail,
  recoveryCodeUsedMail,
} from './factor-mails.ts';

const owner = { id: 'usr_ada', email: 'ada@example.test', displayName: 'Ada' };
const AT = 1_800_000_000_000;

function mails(of = owner): readonly MailDraft[] {
  const drafts: MailDraft[] = [];
  const sealMail = (draft: MailDraft) => {
    drafts.push(draft);
    const { purpose } = draft;
    return { id: 'msg_1', purpose, sealed: new Uint8Array(), createdAt: AT, expiresAt: AT };
  };
  factorAddedMail(of, 'passkey', 'My laptop', AT, sealMail);
  factorAddedMail(of, 'authenticator_app', 'My phone', AT, sealMail);
  factorRemovedMail(of, 'passkey', 'My laptop', AT, sealMail);
  factorsResetMail(of, AT, sealMail);
  recoveryCodesMail(of, AT, sealMail);
  recoveryCodeUsedMail(of, AT, sealMail);
  return drafts;
}

describe('mails about second factors', () => {
  it('are not written where nothing delivers them, nor to an address that is none', () => {
    expect(factorsResetMail(owner, AT, undefined)).toBeUndefined();
    expect(mails({ ...owner, email: 'not an address' })).toEqual([]);
  });
  it('go to the owner, name the factor, and say what to do if it was not them', () => {
    for (const { to, text, purpose } of mails()) {
      expect([to, purpose]).toEqual(['ada@example.test', 'factors_changed']);
      expect(text).toMatch(/^Hello Ada,\n\n.*\n\nIf this was not you/s);
    }
    expect(mails().map(({ subject }) => subject)).toEqual([
      'A passkey was added to your account',
      'An authenticator app was added to your account',
      'A passkey was removed from your account',
      'Your second factors were removed',
      'New recovery codes for your account',
      'A recovery code was used',
    ]);
    expect(mails()[0]?.text).toContain('"My laptop"');
  });
  it('hold no link: nobody can learn to click one', () => {
    for (const { text } of mails()) expect(text).not.toMatch(/https?:/);
  });
});
