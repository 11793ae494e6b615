/** In front of an API: a reverse proxy and a check for other proxies, by routes in YAML. */
export {};
