/*
 * Digests that link records and rows.  What is hashed and in which order is
 * described in mcpshield-audit(5), so that anybody can compute it again.
 */
#include "audit/chain.h"

#include <assert.h>
#include <fcntl.h>
#include <nettle/sha2.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proxy/base/error.h"
#include "proxy/base/fd.h"

static_assert(SHA256_DIGEST_SIZE == AUDIT_HASH, "one length for both");

static int
key_read(const char *path, uint8_t key[CHAIN_KEY_MAX + 1], size_t *ret_len,
    struct error *err)
{
	struct stat sb;
	size_t len = 0;
	ssize_t n;
	int rc = -1, fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd == -1)
		return error_sys(err, "cannot open key file '%s'", path);
	if (fstat(fd, &sb) == -1 || !S_ISREG(sb.st_mode)) {
		error_set(err, "key file '%s' is no regular file", path);
		goto out;
	}
	if ((sb.st_mode & 077) != 0) {
		error_set(err,
		    "key file '%s' is open to others (mode %04o); "
		    "chmod 600 it",
		    path, (unsigned)sb.st_mode & 07777);
		goto out;
	}
	do {
		n = read(fd, key + len, CHAIN_KEY_MAX + 1 - len);
		if (n == -1) {
			error_sys(err, "cannot read key file '%s'", path);
			goto out;
		}
		len += (size_t)n;
	} while (n > 0 && len <= CHAIN_KEY_MAX);
	if (len < CHAIN_KEY_MIN || len > CHAIN_KEY_MAX) {
		error_set(err, "key file '%s' must hold %u to %u bytes", path,
		    CHAIN_KEY_MIN, CHAIN_KEY_MAX);
		goto out;
	}
	*ret_len = len;
	rc = 0;
out:
	fd_close(&fd);
	return rc;
}

int
chain_init(struct chain *c, const char *key_file, struct error *err)
{
	static const char label[] = "mcpshield audit key";
	uint8_t key[CHAIN_KEY_MAX + 1], digest[AUDIT_HASH];
	size_t len = 0;
	int rc = 0;

	*c = (struct chain){ .keyed = key_file != NULL };
	if (key_file == NULL)
		return 0;
	rc = key_read(key_file, key, &len, err);
	if (rc == 0) {
		hmac_sha256_set_key(&c->hmac, len, key);
		hmac_sha256_update(
		    &c->hmac, sizeof(label) - 1, (const uint8_t *)label);
		hmac_sha256_digest(&c->hmac, sizeof(digest), digest);
		memcpy(c->id, digest, sizeof(c->id));
	}
	explicit_bzero(key, sizeof(key));
	return rc;
}

void
chain_release(struct chain *c)
{
	explicit_bzero(c, sizeof(*c));
}

void
chain_hash(struct chain *c, enum chain_use use, const uint8_t prev[AUDIT_HASH],
    struct slice a, struct slice b, uint8_t ret[AUDIT_HASH])
{
	uint8_t first[1 + AUDIT_HASH];
	struct sha256_ctx plain, *sha = &c->hmac.state;

	first[0] = (uint8_t)use;
	memcpy(first + 1, prev, AUDIT_HASH);
	if (!c->keyed) {
		sha256_init(&plain);
		sha = &plain;
	}
	sha256_update(sha, sizeof(first), first);
	sha256_update(sha, a.len, (const uint8_t *)a.at);
	if (b.len > 0)
		sha256_update(sha, b.len, (const uint8_t *)b.at);
	if (c->keyed)
		hmac_sha256_digest(&c->hmac, AUDIT_HASH, ret);
	else
		sha256_digest(&plain, AUDIT_HASH, ret);
}
