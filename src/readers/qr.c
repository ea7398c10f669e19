/* qr.c: a QR code as a path of SVG: one square for each dark point. */
#include "readers/qr.h"

#include <errno.h>
#include <qrencode.h>

err_t qr_path(arena_t *a, str_t text, int *size, str_t *out)
{
	QRcode *qr = QRcode_encodeString8bit(str_z(a, text), 0, QR_ECLEVEL_M);
	if (!qr)
		return err_errno(errno, "draw a QR code");
	struct buf b = buf_new(a, 8192);
	for (int y = 0; y < qr->width; y++)
		for (int x = 0; x < qr->width; x++)
			if (qr->data[y * qr->width + x] & 1)
				buf_add_format(&b, "M%d %dh1v1h-1z", x, y);
	*size = qr->width;
	*out = buf_str(&b);
	QRcode_free(qr);
	return OK;
}
