/** What one proves oneself with besides the password: passkeys, authenticator apps, and codes for when both are lost. */
import { useState } from 'react';
import type { Answer } from '../../api/call.ts';
import { useAsk } from '../../api/use-api.ts';
import { Asked } from '../../parts/asked.tsx';
import { AddAuthenticatorApp } from './add-authenticator-app.tsx';
import { AddPasskey } from './add-passkey.tsx';
import { FactorTable } from './factor-table.tsx';
import { CodesShown, RecoveryCodes } from './recovery-codes.tsx';

export function SecondFactors() {
  const [codes, setCodes] = useState<readonly string[]>();
  return (
    <>
      <Asked what="your second factors" asked={useAsk('GET /account/v1/second-factors', {})}>
        {(factors) => <Factors factors={factors} onCodes={setCodes} />}
      </Asked>
      {codes !== undefined && <CodesShown codes={codes} onDone={() => setCodes(undefined)} />}
    </>
  );
}

interface FactorsProps {
  readonly factors: Answer<'GET /account/v1/second-factors'>;
  readonly onCodes: (codes: readonly string[]) => void;
}

function Factors({ factors: { items, recovery_codes_left: codesLeft, required }, onCodes }: FactorsProps) {
  const isOnly = items.length === 1;
  return (
    <>
      {required && (
        <p className="note small section">
          Everybody needs a second factor here. The last one cannot be removed.
        </p>
      )}
      <section className="section">
        <h2>Passkeys</h2>
        <FactorTable
          label="Passkeys"
          factors={items.filter(({ type }) => type === 'passkey')}
          isOnly={isOnly}
          required={required}
          empty="No passkey yet. It is the lock of your device: nothing to remember, and nothing to give away."
        />
        <AddPasskey onCodes={onCodes} />
      </section>
      <section className="section">
        <h2>One-time codes</h2>
        <FactorTable
          label="Authenticator apps"
          factors={items.filter(({ type }) => type === 'authenticator_app')}
          isOnly={isOnly}
          required={required}
          empty="No authenticator app yet. It shows a new code every half minute, asked for after your password."
        />
        <AddAuthenticatorApp onCodes={onCodes} />
      </section>
      {items.length > 0 && <RecoveryCodes left={codesLeft} onCodes={onCodes} />}
    </>
  );
}
