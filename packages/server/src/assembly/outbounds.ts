/** What goes out, counted apart by what it is for: nobody is to be refused because others ask for much. */
import type { Config } from '../config.ts';
import type { Traces } from '../observe/traces.ts';
import { createOutbound } from '../outbound/outbound-http.ts';
import { EXPECTED_TRAFFIC, REGISTERED_TRAFFIC, type TrafficLimits } from '../outbound/traffic.ts';
import type { Clock } from '../ports/clock.ts';
import type { Outbound } from '../ports/outbound.ts';

export interface Outbounds {
  /** For keys and documents of apps that somebody here registered. */
  readonly registered: Outbound;
  /** For keys of apps that registered themselves. */
  readonly strangers: Outbound;
  /** For what apps say of themselves when they register. */
  readonly registrations: Outbound;
  /** For the documents behind client ids that anybody can make up. */
  readonly documents: Outbound;
  /** For sign-ins at other providers. */
  readonly providers: Outbound;
  /** For notices of sign-outs. */
  readonly notices: Outbound;
  /** For those to apps that registered themselves. */
  readonly noticesToStrangers: Outbound;
}

export function createOutbounds(
  { config, traces }: { readonly config: Config; readonly traces?: Traces },
  clock: Clock,
): Outbounds {
  const tracing = traces === undefined ? {} : { tracing: traces };
  const create = (limits: { readonly traffic?: TrafficLimits } = {}): Outbound =>
    createOutbound({ clock, allowHosts: config.outbound_allow_hosts, ...tracing, ...limits });
  return {
    registered: create({ traffic: REGISTERED_TRAFFIC }),
    strangers: create(),
    registrations: create(),
    documents: create(),
    providers: create({ traffic: EXPECTED_TRAFFIC }),
    notices: create({ traffic: EXPECTED_TRAFFIC }),
    noticesToStrangers: create(),
  };
}
