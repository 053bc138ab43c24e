"""Honest everyday mails of today, written for this bench: what no check may flag.

The public corpora of honest mail are old and hold no newsletters, receipts, sign-in notices or parcel messages. These
are made up, by the forms that such mails have; each is judged as offline, without anything that shows its sender.
"""

from __future__ import annotations

from datetime import date

import msgspec

from tocsin.proof.organisations import Organisation

_DAY = date(2026, 11, 24)
_SOURCE = "https://www.example/"
ORGANISATIONS = (
    Organisation(
        name="Beispielbank",
        kind="bank",
        names=("Example Bank",),
        domains=("bank.example",),
        source=_SOURCE,
        checked=_DAY,
    ),
    Organisation(
        name="Wolkig",
        kind="service",
        names=("Wolkig Cloud",),
        domains=("wolkig.example",),
        source=_SOURCE,
        checked=_DAY,
    ),
    Organisation(name="Paketix", kind="parcel", domains=("paketix.example",), source=_SOURCE, checked=_DAY),
    Organisation(
        name="Netzgut",
        kind="provider",
        names=("Netzgut Broadband",),
        domains=("netzgut.example",),
        source=_SOURCE,
        checked=_DAY,
    ),
)


class Ordinary(msgspec.Struct, frozen=True):
    """`links` are (text, URL); the mail is HTML with them below its words, `is_plain` without HTML."""

    sender: str
    subject: str
    words: str
    links: tuple[tuple[str, str], ...] = ()
    is_plain: bool = False
    attached: str = ""

    def raw(self) -> bytes:
        head = (
            f"From: {self.sender}\r\nTo: Robin Reader <robin.reader@home.example>\r\nSubject: {self.subject}\r\n"
            "Date: Mon, 16 Nov 2026 09:12:00 +0100\r\nMessage-ID: <20261116.1@mail.example>\r\nMIME-Version: 1.0\r\n"
        )
        body = _text(self) if self.is_plain else _html(self)
        kind = "plain" if self.is_plain else "html"
        part = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}\r\n"
        if not self.attached:
            return (head + part).encode()
        return (
            f'{head}Content-Type: multipart/mixed; boundary="=x"\r\n\r\n--=x\r\n{part}--=x\r\nContent-Type: application/pdf\r\n'
            f'Content-Disposition: attachment; filename="{self.attached}"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
            "JVBERi0xLjQK\r\n--=x--\r\n"
        ).encode()


def _text(mail: Ordinary) -> str:
    return "\r\n".join([mail.words, *(f"{text}: {url}" for text, url in mail.links)])


def _html(mail: Ordinary) -> str:
    paragraphs = "".join(f"<p>{line}</p>" for line in mail.words.split("\n"))
    links = "".join(f'<p><a href="{url}">{text}</a></p>' for text, url in mail.links)
    return f'<html><body><img src="https://static.example/logo.png" alt="logo">{paragraphs}{links}</body></html>'


def _of(domain: str, *texts: str) -> tuple[tuple[str, str], ...]:
    return tuple((text, f"https://www.{domain}/{number}?u=8f2c") for number, text in enumerate(texts))


MAILS: tuple[Ordinary, ...] = (
    # Accounts
    Ordinary(
        "Wolkig <no-reply@wolkig.example>",
        "New sign-in to your account",
        "Hi Robin,\nwe noticed a new sign-in to your Wolkig account on a Windows device, 16 November 2026, 09:10.\nIf this was you, there is nothing to do. If not, please check the activity of your account and change your password.",
        _of("wolkig.example", "Check activity"),
    ),
    Ordinary(
        "Wolkig <no-reply@wolkig.example>",
        "Confirm your e-mail address",
        "Welcome Robin!\nPlease confirm your email address to activate your account. The link is valid for 24 hours.",
        _of("wolkig.example", "Confirm e-mail address"),
    ),
    Ordinary(
        "Kleinforum <post@kleinforum.example>",
        "Activate your account at Kleinforum",
        "Hello robin77,\nthank you for registering. To activate your account, please click the link below. If you did not register, ignore this mail.",
        _of("kleinforum.example", "Activate account"),
    ),
    Ordinary(
        "Fotoheft <service@fotoheft.example>",
        "Reset your password",
        "Hello Robin,\nyou asked to reset your password. Click the button below within 24 hours. If you did not ask for it, you need do nothing.",
        _of("fotoheft.example", "Reset password"),
    ),
    Ordinary(
        "Fotoheft <service@fotoheft.example>",
        "Passwort zurücksetzen",
        "Hallo Robin,\nSie möchten Ihr Passwort zurücksetzen. Bitte klicken Sie innerhalb von 24 Stunden auf den folgenden Link. Falls Sie das nicht waren, ignorieren Sie diese Mail.",
        _of("fotoheft.example", "Passwort zurücksetzen"),
    ),
    Ordinary(
        "Wolkig Cloud <notice@wolkig.example>",
        "Your storage is 90% full",
        "Hi Robin,\nyour cloud storage is almost full. When it is full, new photos will no longer be saved. You can tidy up or get more storage.",
        _of("wolkig.example", "Manage storage", "Unsubscribe"),
    ),
    Ordinary(
        "Streamix <hello@streamix.example>",
        "Your payment failed",
        "Hi Robin,\nwe could not collect the payment for your subscription. Please update your payment method in your account by 20 November, so that you can go on watching.",
        _of("streamix.example", "Go to my account", "Help"),
    ),
    Ordinary(
        "Streamix <hello@streamix.example>",
        "Price change of your subscription",
        "Hello Robin,\nfrom 1 January the monthly price of your subscription will be 9.99. You can cancel at any time in your account.",
        _of("streamix.example", "My account"),
    ),
    Ordinary(
        "Codelager <noreply@codelager.example>",
        "[codelager] A new SSH key was added to your account",
        "The following SSH key was added to your account: laptop.\nIf you believe this key was added in error, you can remove the key and disable access in your settings.",
        _of("codelager.example", "Settings"),
    ),
    Ordinary(
        "Codelager <noreply@codelager.example>",
        "Your one-time code is 482 113",
        "Enter this code to sign in: 482 113. It expires in 10 minutes. Never tell this code to anybody.",
        (),
    ),
    # Shops and receipts
    Ordinary(
        "Werkzeugladen <bestellung@werkzeugladen.example>",
        "Ihre Bestellung 20261116-77",
        "Hallo Robin Reader,\nvielen Dank für Ihre Bestellung. Sobald die Zahlung eingegangen ist, senden wir das Paket. Den Stand Ihrer Lieferung sehen Sie im Kundenkonto.",
        _of("werkzeugladen.example", "Zum Kundenkonto"),
    ),
    Ordinary(
        "Werkzeugladen <rechnung@werkzeugladen.example>",
        "Rechnung 88123",
        "Sehr geehrter Herr Reader,\nanbei erhalten Sie die Rechnung zu Ihrer Bestellung als PDF. Der Betrag von 49,90 EUR wird von Ihrem Konto abgebucht.\nMit freundlichen Grüßen",
        _of("werkzeugladen.example", "Kundenkonto"),
        attached="Rechnung-88123.pdf",
    ),
    Ordinary(
        "Buchhandel Blatt <news@blatt.example>",
        "Your receipt",
        "Dear Robin,\nthank you for your purchase. Total: 23.80. Paid by card ending 4411. You can return the order within 30 days for a full refund.",
        _of("blatt.example", "View order", "Unsubscribe"),
    ),
    Ordinary(
        "Schuhhaus <newsletter@schuhhaus.example>",
        "Nur heute: 30 % auf alle Winterschuhe",
        "Jetzt sparen! Nur noch heute erhalten Sie 30 % Rabatt auf alle Winterschuhe. Gutschein gültig bis Mitternacht.",
        _of("schuhhaus.example", "Jetzt einkaufen", "Vom Newsletter abmelden"),
    ),
    Ordinary(
        "Garden Days <news@gardendays.example>",
        "Limited time: free shipping ends today",
        "Our autumn sale ends today. Free shipping on all orders, 20% off bulbs. Shop now before the deal is gone.",
        _of("gardendays.example", "Shop now", "Unsubscribe"),
    ),
    Ordinary(
        "Reisefreund <angebote@reisefreund.example>",
        "Gewinnen Sie eine Reise nach Lissabon",
        "Liebe Leserinnen und Leser,\nmachen Sie mit beim Gewinnspiel zu unserem zehnten Geburtstag: Unter allen Einsendungen verlosen wir eine Reise.",
        _of("reisefreund.example", "Mitmachen", "Abmelden"),
    ),
    Ordinary(
        "Café Mond <treue@cafemond.example>",
        "You have earned a reward",
        "Hi Robin,\nyou collected ten stamps: your next coffee is free. Show the code at the counter. Valid until 31 December.",
        _of("cafemond.example", "Show my code", "Unsubscribe"),
    ),
    # Parcels
    Ordinary(
        "Paketix <noreply@paketix.example>",
        "Ihr Paket kommt heute",
        "Guten Tag Robin Reader,\nIhr Paket wird heute zwischen 10 und 12 Uhr zugestellt. Sie können die Lieferung in der App verfolgen oder umleiten.",
        _of("paketix.example", "Sendung verfolgen"),
    ),
    Ordinary(
        "Paketix <noreply@paketix.example>",
        "Your parcel: customs charges",
        "Dear Robin Reader,\na parcel for you has arrived from abroad. Customs charges of 12.40 are to be paid before delivery, at the door or online.",
        _of("paketix.example", "See the charges"),
    ),
    # Banks and bills
    Ordinary(
        "Beispielbank <service@bank.example>",
        "Ihr Kontoauszug ist da",
        "Guten Tag Robin Reader,\nIhr neuer Kontoauszug liegt im Postfach des Online-Bankings bereit. Wir senden Ihnen nie Links zur Anmeldung.",
        (),
    ),
    Ordinary(
        "Beispielbank <service@bank.example>",
        "Warning of phishing",
        "Dear Robin Reader,\nat the moment criminals send mails in our name that ask customers to confirm their account and password. Never click such a link. We will never ask for your PIN by mail.",
        _of("bank.example", "How to see through such mails"),
    ),
    Ordinary(
        "Netzgut <rechnung@netzgut.example>",
        "Ihre Rechnung für November",
        "Guten Tag Robin Reader,\nIhre Rechnung für November über 39,90 EUR steht in der Kundenwelt bereit. Der Betrag wird am 25. November abgebucht.",
        _of("netzgut.example", "Zur Kundenwelt"),
    ),
    Ordinary(
        "Stadtwerke Beispielstadt <kundenservice@stadtwerke.example>",
        "Zahlungserinnerung",
        "Sehr geehrter Herr Reader,\nunsere Rechnung 4471 vom 12. Oktober ist noch offen. Bitte überweisen Sie den Betrag von 81,20 EUR bis zum 30. November auf das Ihnen bekannte Konto. Falls Sie schon gezahlt haben, betrachten Sie dieses Schreiben als gegenstandslos.",
        (),
        is_plain=True,
    ),
    Ordinary(
        "Dental Practice Hill <office@dentalhill.example>",
        "Your appointment on 20 November",
        "Dear Mr Reader,\nthis is a reminder of your appointment on 20 November at 9 am. If you cannot come, please call us on the number that you have.",
        (),
        is_plain=True,
    ),
    Ordinary(
        "Turnverein <kasse@turnverein.example>",
        "Mitgliedsbeitrag 2027",
        "Liebe Mitglieder,\nim Januar wird der Mitgliedsbeitrag abgebucht. Wer sein Konto gewechselt hat, meldet sich bitte bei mir.\nHerzliche Grüße, die Kassenwartin",
        (),
        is_plain=True,
    ),
    # Work
    Ordinary(
        "Kim Meier <kim.meier@firma.example>",
        "Invoice from the printer",
        "Hi Robin,\ncould you please pay the attached invoice this week? It is overdue since Friday. Thanks, Kim",
        (),
        is_plain=True,
        attached="invoice.pdf",
    ),
    Ordinary(
        "Kim Meier <kim.meier@firma.example>",
        "Re: Budget",
        "Hi Robin,\nI attached the new sheet. Please have a look at the investment part and let me know by tomorrow, it is urgent.\nKim",
        (),
        is_plain=True,
        attached="budget.pdf",
    ),
    Ordinary(
        "IT <it@firma.example>",
        "Maintenance on Saturday",
        "Dear colleagues,\non Saturday the mail server will be upgraded. Mailboxes cannot be reached from 8 to 12. You need do nothing.\nYour IT",
        (),
        is_plain=True,
    ),
    Ordinary(
        "IT <it@firma.example>",
        "Please install the security update",
        "Dear all,\na security update for the office software is out. Please start your computers tonight so that it can be installed by itself.",
        (),
        is_plain=True,
    ),
    Ordinary(
        "Wolke Docs <share@wolkig.example>",
        "Kim shared a document with you",
        "Kim Meier (kim.meier@firma.example) has shared a document with you: Budget 2027.",
        _of("wolkig.example", "Open document"),
    ),
    Ordinary(
        "Sam <sam.friend@post.example>",
        "holiday photos",
        "Hey Robin, finally the photos of our trip! Tell me which ones you want. Love, Sam",
        (("photos", "https://fotoheft.example/a/771"),),
        is_plain=True,
    ),
    Ordinary(
        "Sam <sam.friend@post.example>",
        "bitcoin??",
        "did you read about bitcoin today? crazy. my brother bought ethereum last year and now talks of nothing else. see you on friday",
        (),
        is_plain=True,
    ),
    Ordinary(
        "Oma <oma@post.example>",
        "Erbschaft von Onkel Karl",
        "Lieber Robin, der Notar hat wegen der Erbschaft geschrieben. Ruf mich an, wenn du Zeit hast. Deine Oma",
        (),
        is_plain=True,
    ),
    # News and lists
    Ordinary(
        "Morning Paper <letters@morningpaper.example>",
        "Police arrest leaders of ransomware gang",
        "Good morning. Police in four countries arrested members of a gang that had hacked hospitals and demanded bitcoin. Also today: why your pension fund invests in wind, and a court case on copyright.",
        _of("morningpaper.example", "Read more", "Unsubscribe"),
    ),
    Ordinary(
        "Security Weekly <list@secweekly.example>",
        "Phishing kits, Mirai and a patched router",
        "This week: a phishing kit that asks for your card number and password, a new Mirai botnet, and a router vendor that tells customers to install the update. Researchers found malware in an app store.",
        _of("secweekly.example", "Read more", "Unsubscribe"),
    ),
    Ordinary(
        "Herzenssache Spendenwerk <post@spendenwerk.example>",
        "Danke für Ihre Spende",
        "Liebe Frau Reader,\nmit Ihrer Spende von 30 Euro helfen wir Kindern. Die Bescheinigung senden wir im Januar.",
        _of("spendenwerk.example", "Mehr erfahren", "Abmelden"),
    ),
    Ordinary(
        "Fit & Fun <news@fitfun.example>",
        "Abnehmen ohne Diät? Was Ärzte sagen",
        "Unser Thema im November: Was bei Gelenkschmerzen hilft und warum Wunderdiäten nicht wirken.",
        _of("fitfun.example", "Weiterlesen", "Abmelden"),
    ),
    # Other languages
    Ordinary(
        "Librería Hoja <hola@hoja.example>",
        "Confirma tu correo",
        "Hola Robin:\nGracias por registrarte. Para activar tu cuenta, haz clic en el enlace. Si no fuiste tú, ignora este mensaje.",
        _of("hoja.example", "Activar cuenta"),
    ),
    Ordinary(
        "Tienda Sol <pedidos@sol.example>",
        "Tu pedido ha sido enviado",
        "Hola Robin, tu paquete está en camino. La entrega está prevista para mañana. Factura adjunta en tu cuenta.",
        _of("sol.example", "Seguir envío", "Darse de baja"),
    ),
    Ordinary(
        "Loja Mar <contato@mar.example>",
        "Sua fatura chegou",
        "Olá, Robin! A fatura de novembro já está disponível no aplicativo. Vencimento: 25/11. Se já pagou, desconsidere.",
        _of("mar.example", "Ver fatura"),
    ),
    Ordinary(
        "Boutique Lune <bonjour@lune.example>",
        "Votre commande est en route",
        "Bonjour Robin,\nvotre colis sera livré demain. Vous pouvez suivre la livraison dans votre espace client.",
        _of("lune.example", "Suivre mon colis", "Se désabonner"),
    ),
    Ordinary(
        "Mutuelle Exemple <info@mutuelle.example>",
        "Votre relevé de remboursement",
        "Bonjour Robin Reader,\nun remboursement de 23 euros a été versé sur votre compte. Le relevé est disponible dans votre espace client.",
        _of("mutuelle.example", "Espace client"),
    ),
    Ordinary(
        "Boekwinkel Blad <post@blad.example>",
        "Je bestelling is onderweg",
        "Beste Robin, je pakket wordt morgen bezorgd. De factuur vind je in je account.",
        _of("blad.example", "Volg je pakket", "Afmelden"),
    ),
    Ordinary(
        "本の店 <info@honnomise.example>",
        "ご注文の確認",
        "読者様\nこのたびはご注文ありがとうございます。お支払いはカードで完了しています。商品は明日お届けの予定です。",
        _of("honnomise.example", "注文を見る", "配信停止"),
    ),
    Ordinary(
        "ネットグート <info@netzgut.example>",
        "メンテナンスのお知らせ",
        "お客様各位\n11月20日にメンテナンスを行います。作業中は一時的にインターネットをご利用いただけません。",
        (),
    ),
    Ordinary(
        "किताब घर <info@kitabghar.example>",
        "आपका ऑर्डर भेज दिया गया है",
        "प्रिय रॉबिन, आपका पार्सल कल पहुँचेगा। बिल आपके खाते में है।",
        _of("kitabghar.example", "ऑर्डर देखें"),
    ),
    # Links that lead elsewhere, for honest reasons
    Ordinary(
        "Kino Lichtspiel <programm@kinolichtspiel.example>",
        "Programm dieser Woche",
        "Liebe Filmfreunde,\ndiese Woche zeigen wir drei neue Filme. Karten gibt es wie immer an der Kasse.",
        (
            ("Zum Programm", "https://klicks.rundbriefdienst.example/c/81"),
            ("Abmelden", "https://klicks.rundbriefdienst.example/u/81"),
        ),
    ),
    Ordinary(
        "Outdoor Shop <news@outdoorshop.example>",
        "New jackets are here",
        "Our winter jackets are here. Warm, dry and made to last.",
        (("See jackets", "https://trk.mailtool.example/x9"), ("Unsubscribe", "https://trk.mailtool.example/u9")),
    ),
    Ordinary(
        "School Office <office@hillschool.example>",
        "Trip to the museum",
        "Dear parents,\nplease fill in the form by Friday so that we can order the bus.",
        (("Form", "https://docs.google.com/forms/d/e/1x/viewform"),),
    ),
    Ordinary(
        "Grundschule <sekretariat@grundschule.example>",
        "Elternabend",
        "Liebe Eltern,\nbitte tragen Sie sich bis Freitag in die Liste ein.",
        (("Liste", "https://forms.gle/abcd1234"),),
    ),
    Ordinary(
        "Chor <chor@singverein.example>",
        "Proben im Advent",
        "Liebe Mitglieder, die neuen Termine stehen auf unserer Seite.",
        (("Termine", "https://singverein.wixsite.com/chor"),),
    ),
    Ordinary(
        "Ana <ana.perez@post.example>",
        "mira esto",
        "Hola Robin, mira este vídeo, es buenísimo. Nos vemos el viernes.",
        (("video", "https://bit.ly/3xyzabc"),),
        is_plain=True,
    ),
    Ordinary(
        "Kim <kim.m@gmail.com>",
        "article",
        "Hi, here is the article I told you about. Let me know what you think.",
        (("article", "https://tinyurl.com/4k2aaa"),),
        is_plain=True,
    ),
    Ordinary(
        "Museum am Fluss <info@museumfluss.example>",
        "Einladung zur Eröffnung",
        "Herzliche Einladung!",
        (("Zur Ausstellung", "https://www.museumfluss.example/e"),),
    ),
    Ordinary(
        "Museum Hill <info@museumhill.example>",
        "Invitation",
        "You are invited.",
        (("More", "https://museumhill.eventpage.example/7"),),
    ),
    Ordinary(
        "Wanderverein <post@wanderverein.example>",
        "Wanderung am Sonntag",
        "Wir treffen uns um neun Uhr am Bahnhof. Der Fahrplan und die Karte:",
        (("Fahrplan", "https://www.verkehrsverbund.example/f"), ("Karte", "https://karten.landesamt.example/k")),
    ),
    Ordinary(
        "Hotel See <reservierung@hotelsee.example>",
        "Ihre Buchung",
        "Guten Tag Herr Reader,\nvielen Dank für Ihre Buchung vom 3. bis 5. Dezember. Sie zahlen vor Ort. Stornieren können Sie bis zum 1. Dezember kostenlos.",
        (("Buchung ansehen", "https://buchung.hotelsystem.example/r/55"),),
    ),
    Ordinary(
        "Ticketshop <tickets@ticketshop.example>",
        "Your tickets",
        "Hi Robin,\nyour tickets for the concert on 4 December are ready. Please download and print them.",
        (("Download tickets", "https://cdn.ticketstore.example/t/9"),),
        attached="tickets.pdf",
    ),
    Ordinary(
        "Umfrage Institut <umfrage@institut.example>",
        "Ihre Meinung zählt",
        "Guten Tag,\nunter allen, die teilnehmen, verlosen wir drei Gutscheine. Die Umfrage dauert fünf Minuten.",
        (("Zur Umfrage", "https://umfragen.surveytool.example/s/1"),),
    ),
    Ordinary(
        "Wolke Jobs <jobs@wolkejobs.example>",
        "12 new jobs for you",
        "Hi Robin, these jobs may be of interest: earn up to 25 per hour as a gardener.",
        (
            ("See jobs", "https://click.wolkejobs-mail.example/c1"),
            ("Unsubscribe", "https://click.wolkejobs-mail.example/u1"),
        ),
    ),
    Ordinary(
        "Karl Müller, Malermeister <info@malermueller.example>",
        "Angebot Fassade",
        "Sehr geehrter Herr Reader, anbei das gewünschte Angebot. Mit freundlichen Grüßen, Karl Müller",
        (),
        is_plain=True,
        attached="Angebot.pdf",
    ),
    Ordinary(
        "Gemeinde <gemeinde@kirche.example>\r\nReply-To: pfarrer.karl@gmail.com",
        "Gemeindebrief",
        "Liebe Gemeinde, der neue Brief ist da. Antworten bitte an mich.",
        (),
        is_plain=True,
    ),
    Ordinary(
        "Amazonia Bikes <sales@amazoniabikes.example>",
        "Your bike is ready",
        "Hi Robin, your bike is repaired and can be fetched. Please pay 45 at the counter.",
        (),
    ),
    # Notices
    Ordinary(
        "Netzgut Broadband <abuse@netzgut.example>",
        "A device on your line may be infected",
        "Dear Mr Reader,\nwe were told that a device at your line may be infected with malware. Please scan all your devices with an up-to-date virus scanner and change your passwords. If it goes on, we may have to restrict your access.",
        _of("netzgut.example", "How to clean a device"),
    ),
    Ordinary(
        "Netzgut Broadband <abuse@netzgut.example>",
        "Offener DNS-Resolver an Ihrem Anschluss",
        "Sehr geehrte Kundin, sehr geehrter Kunde,\nan Ihrem Anschluss 0471 ist ein offener DNS-Resolver erreichbar, der für Angriffe missbraucht werden kann. Bitte prüfen Sie die Einstellungen Ihres Routers. Sonst müssen wir den Anschluss einschränken.",
        (),
    ),
    Ordinary(
        "Netzgut <hilfe@netzgut.example>",
        "Ihr Postfach versendet Spam",
        "Guten Tag Robin Reader,\nüber Ihr Postfach wurden am 15.11.2026 um 03:12 Uhr von der Adresse 203.0.113.7 Spam-Mails versandt. Wir haben den Versand gesperrt. Bitte ändern Sie Ihr Passwort in der Kundenwelt und prüfen Sie Ihre Geräte.",
        _of("netzgut.example", "Kundenwelt"),
    ),
)
