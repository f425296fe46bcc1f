/* SPDX-License-Identifier: MIT
 *
 * The names, as Outlook, Apple Mail, webmail and providers use them in the
 * languages of most of their users.
 */
#include "imap/synonym.h"

static const struct {
	enum special_use use;
	const char *name;
} synonyms[] = {
	{ SPECIAL_ARCHIVE, "Archive" },
	{ SPECIAL_ARCHIVE, "Archives" },
	{ SPECIAL_ARCHIVE, "Archiv" },
	{ SPECIAL_ARCHIVE, "Archief" },
	{ SPECIAL_ARCHIVE, "Archivio" },
	{ SPECIAL_ARCHIVE, "Archivo" },
	{ SPECIAL_ARCHIVE, "Arquivo" },
	{ SPECIAL_DRAFTS, "Drafts" },
	{ SPECIAL_DRAFTS, "Entwürfe" },
	{ SPECIAL_DRAFTS, "Brouillons" },
	{ SPECIAL_DRAFTS, "Borradores" },
	{ SPECIAL_DRAFTS, "Bozze" },
	{ SPECIAL_DRAFTS, "Concepten" },
	{ SPECIAL_DRAFTS, "Rascunhos" },
	{ SPECIAL_JUNK, "Junk" },
	{ SPECIAL_JUNK, "Junk E-mail" },
	{ SPECIAL_JUNK, "Junk-E-Mail" },
	{ SPECIAL_JUNK, "Junk Email" },
	{ SPECIAL_JUNK, "Junk Mail" },
	{ SPECIAL_JUNK, "Bulk Mail" },
	{ SPECIAL_JUNK, "Spam" },
	{ SPECIAL_JUNK, "Courrier indésirable" },
	{ SPECIAL_JUNK, "Correo no deseado" },
	{ SPECIAL_JUNK, "Posta indesiderata" },
	{ SPECIAL_JUNK, "Ongewenste e-mail" },
	{ SPECIAL_SENT, "Sent" },
	{ SPECIAL_SENT, "Sent Items" },
	{ SPECIAL_SENT, "Sent Mail" },
	{ SPECIAL_SENT, "Sent Messages" },
	{ SPECIAL_SENT, "Gesendet" },
	{ SPECIAL_SENT, "Gesendete Elemente" },
	{ SPECIAL_SENT, "Gesendete Nachrichten" },
	{ SPECIAL_SENT, "Gesendete Objekte" },
	{ SPECIAL_SENT, "Messages envoyés" },
	{ SPECIAL_SENT, "Éléments envoyés" },
	{ SPECIAL_SENT, "Elementos enviados" },
	{ SPECIAL_SENT, "Enviados" },
	{ SPECIAL_SENT, "Itens enviados" },
	{ SPECIAL_SENT, "Posta inviata" },
	{ SPECIAL_SENT, "Verzonden items" },
	{ SPECIAL_TRASH, "Trash" },
	{ SPECIAL_TRASH, "Deleted Items" },
	{ SPECIAL_TRASH, "Deleted Messages" },
	{ SPECIAL_TRASH, "Gelöschte Elemente" },
	{ SPECIAL_TRASH, "Gelöschte Objekte" },
	{ SPECIAL_TRASH, "Papierkorb" },
	{ SPECIAL_TRASH, "Corbeille" },
	{ SPECIAL_TRASH, "Éléments supprimés" },
	{ SPECIAL_TRASH, "Elementos eliminados" },
	{ SPECIAL_TRASH, "Papelera" },
	{ SPECIAL_TRASH, "Cestino" },
	{ SPECIAL_TRASH, "Posta eliminata" },
	{ SPECIAL_TRASH, "Lixeira" },
	{ SPECIAL_TRASH, "Prullenbak" },
	{ SPECIAL_TRASH, "Verwijderde items" },
};

enum special_use
synonym_use(struct str name)
{
	for (size_t i = 0; i < sizeof(synonyms) / sizeof(*synonyms); i++)
		if (str_eq_nocase(str_of(synonyms[i].name), name))
			return synonyms[i].use;
	return SPECIAL_NONE;
}
