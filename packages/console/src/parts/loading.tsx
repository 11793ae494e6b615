/** Shown while an answer is on its way; a quick one passes without a flicker. */
import { useEffect, useState } from 'react';

const PATIENCE_MS = 250;

export function Loading({ what }: { readonly what: string }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    <p className="loading muted" role="status">
      {late ? `Reading ${what} …` : ''}
    </p>
  );
}
