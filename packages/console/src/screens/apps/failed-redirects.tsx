import type { Client } from '../../api/described.ts';

export interface FailedRedirectsProps {
  readonly app: Client;
  readonly busy: boolean;
  readonly onAdd: (uri: string) => void;
}

export function FailedRedirects({ app: _app }: FailedRedirectsProps) {
  return null;
}
