import type { FastifyRequest } from 'fastify';
import type { View } from '../shapes/view.ts';

/** What the answer to this request may show: the app's mode, the asked-for market, the address of this API. */
export type ViewOf = (request: FastifyRequest) => View;
