//! What notices say, in each language. They hold no code, no link and no address in full, and people should learn
//! to expect that.

use crate::language::Language;

/// The sentences of a notice. `{}` stands for what differs.
pub(super) struct Wording {
    /// Subject and first sentence for the address that codes came to until now.
    pub(super) former: (&'static str, &'static str),
    /// The same for the address on record, to which codes do not go.
    pub(super) listed: (&'static str, &'static str),
    pub(super) user_name: &'static str,
    pub(super) sign_in: &'static str,
    pub(super) changed_on: &'static str,
    /// How the instant of the change is written, for `strftime`.
    pub(super) date: &'static str,
    pub(super) codes_go_to: &'static str,
    pub(super) what_to_do: &'static str,
}

impl Wording {
    pub(super) const fn of(language: Language) -> &'static Self {
        match language {
            Language::De => &GERMAN,
            Language::En => &ENGLISH,
            Language::Es => &SPANISH,
            Language::Fr => &FRENCH,
        }
    }
}

static ENGLISH: Wording = Wording {
    former: (
        "Your sign-in codes go to another address now",
        "Codes for your sign-in came to this address until now. From now on they go to another one.",
    ),
    listed: (
        "Your sign-in codes do not go to this address",
        "This address is on record for you, but codes for your sign-in go to another one.",
    ),
    user_name: "User name: {}",
    sign_in: "Sign-in: {}",
    changed_on: "Changed on: {}",
    date: "%-d %B %Y at %H:%M UTC",
    codes_go_to: "Codes go to: {}",
    what_to_do: "If you did this or asked for it, there is nothing to do.\n\n\
        If not, somebody else may be signing in as you: tell your administrator or help desk at once, in a way you \
        know already.\n\n\
        This mail holds no code and no link, and answers to it are not read.",
};

static GERMAN: Wording = Wording {
    former: (
        "Ihre Anmeldecodes gehen jetzt an eine andere Adresse",
        "Codes für Ihre Anmeldung kamen bisher an diese Adresse. Ab jetzt gehen sie an eine andere.",
    ),
    listed: (
        "Ihre Anmeldecodes gehen nicht an diese Adresse",
        "Diese Adresse ist für Sie hinterlegt, aber Codes für Ihre Anmeldung gehen an eine andere.",
    ),
    user_name: "Benutzername: {}",
    sign_in: "Anmeldung: {}",
    changed_on: "Geändert am: {}",
    date: "%d.%m.%Y, %H:%M UTC",
    codes_go_to: "Codes gehen an: {}",
    what_to_do: "Wenn Sie das selbst getan oder darum gebeten haben, ist nichts weiter zu tun.\n\n\
        Wenn nicht, meldet sich vielleicht jemand anderes in Ihrem Namen an: Sagen Sie es sofort Ihrem Administrator oder \
        Helpdesk, auf einem Weg, den Sie schon kennen.\n\n\
        Diese Mail enthält keinen Code und keinen Link, und Antworten auf sie werden nicht gelesen.",
};

static SPANISH: Wording = Wording {
    former: (
        "Sus códigos de acceso llegan ahora a otra dirección",
        "Hasta ahora los códigos de su inicio de sesión llegaban a esta dirección. A partir de ahora van a otra.",
    ),
    listed: (
        "Sus códigos de acceso no llegan a esta dirección",
        "Esta dirección está registrada para usted, pero los códigos de su inicio de sesión van a otra.",
    ),
    user_name: "Usuario: {}",
    sign_in: "Inicio de sesión: {}",
    changed_on: "Cambiado el: {}",
    date: "%d/%m/%Y, %H:%M UTC",
    codes_go_to: "Los códigos van a: {}",
    what_to_do: "Si lo hizo o lo pidió usted, no tiene que hacer nada.\n\n\
        Si no, es posible que otra persona esté iniciando sesión en su nombre: avise de inmediato a su administrador o al \
        servicio de asistencia, por un medio que ya conozca.\n\n\
        Este correo no contiene ningún código ni enlace, y las respuestas no se leen.",
};

static FRENCH: Wording = Wording {
    former: (
        "Vos codes de connexion arrivent désormais à une autre adresse",
        "Les codes de votre connexion arrivaient jusqu’ici à cette adresse. Désormais, ils sont envoyés à une autre.",
    ),
    listed: (
        "Vos codes de connexion n’arrivent pas à cette adresse",
        "Cette adresse est enregistrée pour vous, mais les codes de votre connexion sont envoyés à une autre.",
    ),
    user_name: "Nom d’utilisateur : {}",
    sign_in: "Connexion : {}",
    changed_on: "Modifié le : {}",
    date: "%d/%m/%Y à %H:%M UTC",
    codes_go_to: "Les codes sont envoyés à : {}",
    what_to_do: "Si vous l’avez fait ou demandé, vous n’avez rien à faire.\n\n\
        Sinon, quelqu’un d’autre se connecte peut-être à votre place : prévenez aussitôt votre administrateur ou votre \
        service d’assistance, par un moyen que vous connaissez déjà.\n\n\
        Ce message ne contient ni code ni lien, et les réponses ne sont pas lues.",
};
