/* certificates.h: keys and self-signed certificates for tests, made on the spot. */
#pragma once

/* Writes `certificate` and `key` (PEM, P-256) for "localhost", valid from `from` to `to` seconds
 * from now. `password`: NULL, or what the key is locked with. */
void certificate_make(const char *certificate, const char *key, long from, long to,
		      const char *password);
