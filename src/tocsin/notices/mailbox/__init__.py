"""Where mails that came back lie: a maildir, or folders of an IMAP server. Read only, until a mail has been filed."""
