//! German.

use super::Texts;

pub(super) static TEXTS: Texts = Texts {
    accepted_at: "Angenommen um {}",
    another_address: "Andere Adresse",
    bad_address: "Das ist keine gültige Adresse. Bitte geben Sie genau eine ein, in der Form name@example.org.",
    busy: "Die Anmeldung konnte gerade nicht geprüft werden. Es wurde nichts geändert; bitte versuchen Sie es gleich noch \
        einmal.",
    busy_code_used: "Der Code war richtig und ist verbraucht, aber Ihre Adresse konnte nicht gespeichert werden. Bitte \
        beginnen Sie noch einmal.",
    busy_title: "Im Augenblick nicht",
    check_your_mail: "Sehen Sie in Ihr Postfach",
    code: "Code",
    code_expired: "Dieser Code ist abgelaufen. Beginnen Sie noch einmal, um einen neuen zu erhalten.",
    code_works_for: "Der Code gilt noch {}.",
    code_works_until: "Der Code gilt bis {}.",
    codes_go_to: "Codes gehen an {}, die Adresse, die für Ihr Konto hinterlegt ist.",
    connect_for: "Sie können jetzt Ihre Fernverbindung öffnen: ein einziges Mal, von hier aus und innerhalb von {} Minuten.",
    connect_over: "Die Zeit, Ihre Fernverbindung zu öffnen, ist vorbei. Melden Sie sich erneut an, bevor Sie sie öffnen.",
    continue_: "Weiter",
    continue_to: "Weiter zu {}",
    cross_site: "Dieses Formular kam von einer Seite eines anderen Anbieters, oder Cookies sind abgeschaltet. Es wurde nicht \
        ausgewertet.",
    cross_site_title: "Nicht von hier",
    enroll_and_sign_in: "Registrieren und anmelden",
    enroll_intro: "Von jetzt an melden Sie sich mit einem Code an, der per E-Mail kommt. Zu Beginn wird ein Code an die \
        Adresse geschickt, an der Sie die Codes erhalten möchten.",
    enroll_title: "Postfach registrieren",
    enrolled_already: "Beginnen Sie noch einmal, um sich mit einem Code anzumelden.",
    enrolled_already_title: "Sie sind bereits registriert",
    enrollment_disabled: "Die Registrierung ist abgeschaltet. Bitte wenden Sie sich an Ihren Systemadministrator.",
    enter_your_code: "Code eingeben",
    ended: "Eine Anmeldung endet, wenn ihr Code verwendet wurde oder abgelaufen ist, nach zu vielen falschen Codes, oder \
        wenn sie anderswo begonnen wurde.",
    ended_title: "Diese Anmeldung ist beendet",
    go_to_sign_in: "Zur Anmeldung",
    no_address: "Für Ihr Konto ist keine E-Mail-Adresse verfügbar. Bitte wenden Sie sich an Ihren Administrator.",
    no_code_title: "Es kann kein Code gesendet werden",
    no_mail_yet: "Noch keine E-Mail?",
    no_mail_yet_help: "Sie geht an die Adresse, die für dieses Konto hinterlegt ist, sofern Name und Passwort richtig waren, \
        und kann eine Minute brauchen. Sehen Sie auch im Spam-Ordner nach. Wenn Sie sie noch einmal anfordern, bleibt der \
        Code derselbe; jede der E-Mails ist also recht.",
    no_mail_yet_help_enroll: "Sie kann eine Minute brauchen. Sehen Sie auch im Spam-Ordner nach. Ein neuer Code kann alle \
        30 Sekunden angefordert werden, insgesamt einige Male.",
    not_found: "Bitte prüfen Sie die Adresse, die Sie erhalten haben.",
    not_found_title: "Diese Seite gibt es nicht",
    nothing_kept: "Solange der Code nicht zurückkommt, wird nichts gespeichert.",
    occupied: "Für Ihr Konto ist schon eine andere Adresse hinterlegt; sie bleibt. Bitte wenden Sie sich an Ihren Administrator.",
    occupied_title: "Ihre Adresse wurde nicht übernommen",
    on_its_way_to: "Ein Code ist unterwegs an {}. Geben Sie ihn hier ein, dann ist die Adresse registriert.",
    on_its_way_to_listed: "Ein Code ist unterwegs an die Adresse, die für {} hinterlegt ist. Geben Sie ihn hier ein, dann ist \
        die Adresse registriert.",
    password: "Passwort",
    password_or_pin: "Passwort oder PIN",
    reference: "Kennung {}",
    refused: "Der Benutzername oder das Passwort ist falsch.",
    said_wrong: "Der Code ist falsch oder abgelaufen.",
    said_sent: "Die E-Mail ist noch einmal unterwegs. Sie enthält denselben Code wie zuvor.",
    said_wait: "Noch nicht erneut gesendet. Sie können alle 30 Sekunden darum bitten, für jeden Code einige Male.",
    send_again: "Erneut senden",
    send_again_in: "Erneut senden in {} s",
    send_again_or_other: "Erneut senden oder eine andere Adresse verwenden",
    send_code: "Code senden",
    sent_often_enough: "Die E-Mail wurde so oft gesendet, wie es möglich ist.",
    sign_in: "Anmelden",
    sign_in_again: "Erneut anmelden",
    signed_in: "Sie sind angemeldet",
    signed_in_close: "Sie können dieses Fenster schließen.",
    signed_in_on_your_way: "Sie werden zu {} weitergeleitet. Falls nichts geschieht, verwenden Sie die Schaltfläche.",
    signing_in_as: "Anmeldung als {}.",
    start_again: "Neu beginnen",
    start_hint: "Als Nächstes werden Sie möglicherweise nach einem Code gefragt, den Sie per E-Mail erhalten.",
    step_code_back: "Ihr Code kam rechtzeitig zurück. Er wurde in einem Schritt verglichen und verbraucht, sodass ihn niemand \
        ein zweites Mal verwenden kann.",
    step_checked: "Ihr Name und was Sie dazu eingegeben haben wurden geprüft.",
    step_enrolled: "Damit ist belegt, dass das Postfach Ihnen gehört, und es ist nun registriert: Ab der nächsten Anmeldung \
        gehen Codes dorthin.",
    step_excepted: "Eine Regel Ihres Administrators nimmt Sie vom zweiten Schritt aus, daher wurde kein Code gesendet.",
    step_sent_to_chosen: "Ein Code wurde an die Adresse gesendet, die Sie gewählt haben. Er wurde nie gespeichert; der Server \
        behält nur so viel, dass er ihn wiedererkennt.",
    step_sent_to_mailbox: "Ein Code wurde an das Postfach Ihres Kontos gesendet. Er wurde nie gespeichert; der Server behält \
        nur so viel, dass er ihn wiedererkennt.",
    to_listed: "An {}, die Adresse, die für Ihr Konto hinterlegt ist",
    to_other: "An eine andere Adresse:",
    too_many: "Aus Ihrem Netz kamen zu viele Versuche. Bitte versuchen Sie es in einer Minute noch einmal.",
    too_many_title: "Zu viele Versuche",
    try_again: "Noch einmal versuchen",
    unlisted: "Die Anwendung, die Sie hierher geschickt hat, ist für diese Anmeldung nicht eingetragen; Sie würden nicht zu \
        ihr zurückgeleitet. Bitte sagen Sie es ihrem Administrator.",
    unlisted_title: "Diese Anwendung ist nicht eingetragen",
    unreadable: "Etwas darin fehlt, ist zu lang oder kein Text.",
    unreadable_title: "Dieses Formular ist nicht lesbar",
    user_name: "Benutzername",
    welcome: "Willkommen, {}.",
    what_happened: "Was gerade geschehen ist",
    where_to: "Wohin sollen die Codes gehen?",
    your_address: "Ihre E-Mail-Adresse",
};
