/** What the metrics show of the rooms when somebody looks: queues, caches, connections. */
import type { Metrics } from '../observe/metrics.ts';
import type { PasswordQueue } from '../people/password-queue.ts';
import type { Clock } from '../ports/clock.ts';
import type { Store } from '../ports/store.ts';

interface Shown {
  readonly store: Store;
  readonly clock: Clock;
  readonly passwordQueue: PasswordQueue;
}

export function showFigures(metrics: Metrics, { store, clock, passwordQueue }: Shown): void {
  metrics.show({
    name: 'tessera_passwords',
    help: 'Passwords that are being checked, and that wait for it.',
    labels: ['state'],
    async read() {
      const { running, waiting } = passwordQueue.length();
      return [
        [['running'], running],
        [['waiting'], waiting],
      ];
    },
  });
  metrics.show({
    name: 'tessera_mails_waiting',
    help: 'Mails that are not delivered yet; of very many only so many are counted.',
    read: async () => [[[], await store.outbox.waiting(clock())]],
  });
  metrics.show({
    name: 'tessera_cache_lookups_total',
    help: 'How often what rarely changes was known, and how often the database was asked.',
    labels: ['cache', 'outcome'],
    type: 'counter',
    read: async () =>
      store.figures().caches.flatMap(({ name, hits, misses }) => [
        [[name, 'hit'], hits],
        [[name, 'miss'], misses],
      ]),
  });
  metrics.show({
    name: 'tessera_store_connections',
    help: 'Connections to PostgreSQL for transactions and lists, and who waits for one.',
    labels: ['state'],
    async read() {
      const { connections } = store.figures();
      if (connections === undefined) return [];
      return Object.entries(connections).map(([state, count]) => [[state], count]);
    },
  });
}
