//! French.

use super::Texts;

pub(super) static TEXTS: Texts = Texts {
    accepted_at: "Accepté à {}",
    another_address: "Autre adresse",
    bad_address: "Cette adresse n’est pas valide. Saisissez-en une seule, sous la forme nom@example.org.",
    busy: "La connexion n’a pas pu être vérifiée pour le moment. Rien n’a été modifié ; veuillez réessayer dans un instant.",
    busy_code_used: "Le code était correct et a été utilisé, mais votre adresse n’a pas pu être enregistrée. Veuillez \
        recommencer.",
    busy_title: "Pas pour le moment",
    check_your_mail: "Consultez votre messagerie",
    code: "Code",
    code_expired: "Ce code a expiré. Recommencez pour en recevoir un nouveau.",
    code_works_for: "Le code est encore valable {}.",
    code_works_until: "Le code est valable jusqu’à {}.",
    codes_go_to: "Les codes sont envoyés à {}, l’adresse enregistrée pour votre compte.",
    connect_for: "Vous pouvez maintenant ouvrir votre connexion à distance : une seule fois, d’ici et dans les {} minutes.",
    connect_over: "Le délai pour ouvrir votre connexion à distance est écoulé. Connectez-vous à nouveau ici avant de l’ouvrir.",
    continue_: "Continuer",
    continue_to: "Continuer vers {}",
    cross_site: "Ce formulaire provient d’une page d’un autre site, ou les cookies sont désactivés. Il n’a pas été pris en \
        compte.",
    cross_site_title: "Pas depuis cette page",
    enroll_and_sign_in: "Enregistrer et se connecter",
    enroll_intro: "Désormais, vous vous connectez à l’aide d’un code reçu par e-mail. Pour commencer, un code est envoyé à \
        l’adresse à laquelle vous souhaitez recevoir les codes.",
    enroll_title: "Enregistrez votre messagerie",
    enrolled_already: "Recommencez pour vous connecter avec un code.",
    enrolled_already_title: "Vous êtes déjà enregistré",
    enrollment_disabled: "L’enregistrement est désactivé. Veuillez contacter votre administrateur système.",
    enter_your_code: "Saisissez votre code",
    ended: "Une connexion prend fin lorsque son code a été utilisé ou a expiré, après trop de codes erronés, ou lorsqu’elle a \
        été commencée ailleurs.",
    ended_title: "Cette connexion est terminée",
    go_to_sign_in: "Aller à la page de connexion",
    no_address: "Aucune adresse e-mail n’est disponible pour votre compte. Veuillez contacter votre administrateur.",
    no_code_title: "Aucun code ne peut être envoyé",
    no_mail_yet: "Toujours pas d’e-mail ?",
    no_mail_yet_help: "Il est envoyé à l’adresse enregistrée pour ce compte, si le nom et le mot de passe étaient corrects, et \
        peut prendre une minute. Vérifiez aussi le dossier des indésirables. Si vous le demandez à nouveau, le code reste le \
        même : n’importe lequel des e-mails convient.",
    no_mail_yet_help_enroll: "Il peut prendre une minute. Vérifiez aussi le dossier des indésirables. Un nouveau code peut être \
        demandé toutes les 30 secondes, quelques fois au total.",
    not_found: "Vérifiez l’adresse qui vous a été donnée.",
    not_found_title: "Cette page n’existe pas",
    nothing_kept: "Rien n’est enregistré tant que le code n’est pas revenu.",
    occupied: "Une autre adresse est déjà enregistrée pour votre compte ; elle est conservée. Veuillez contacter votre administrateur.",
    occupied_title: "Votre adresse n’a pas été enregistrée",
    on_its_way_to: "Un code est en route vers {}. Saisissez-le ici et l’adresse sera enregistrée.",
    on_its_way_to_listed: "Un code est en route vers l’adresse enregistrée pour {}. Saisissez-le ici et l’adresse sera \
        confirmée.",
    password: "Mot de passe",
    password_or_pin: "Mot de passe ou code PIN",
    reference: "Référence {}",
    refused: "Le nom d’utilisateur ou le mot de passe est incorrect.",
    said_wrong: "Le code est incorrect ou a expiré.",
    said_sent: "L’e-mail est de nouveau en route. Il contient le même code qu’auparavant.",
    said_wait: "Pas encore renvoyé. Vous pouvez le demander toutes les 30 secondes, quelques fois pour chaque code.",
    send_again: "Renvoyer",
    send_again_in: "Renvoyer dans {} s",
    send_again_or_other: "Renvoyer, ou utiliser une autre adresse",
    send_code: "Envoyer le code",
    sent_often_enough: "L’e-mail a été envoyé autant de fois que possible.",
    sign_in: "Se connecter",
    sign_in_again: "Se connecter à nouveau",
    signed_in: "Vous êtes connecté",
    signed_in_close: "Vous pouvez fermer cette fenêtre.",
    signed_in_on_your_way: "Vous allez être redirigé vers {}. Si rien ne se passe, utilisez le bouton.",
    signing_in_as: "Connexion en tant que {}.",
    start_again: "Recommencer",
    start_hint: "Il vous sera peut-être demandé ensuite un code qui vous est envoyé par e-mail.",
    step_code_back: "Votre code est revenu à temps. Il a été comparé et consommé en une seule étape : personne ne peut donc \
        l’utiliser une seconde fois.",
    step_checked: "Votre nom et ce que vous avez saisi avec lui ont été vérifiés.",
    step_enrolled: "Cela prouve que la messagerie est bien la vôtre ; elle est maintenant enregistrée : dès la prochaine \
        connexion, les codes y seront envoyés.",
    step_excepted: "Une règle de votre administrateur vous dispense de la seconde étape ; aucun code n’a donc été envoyé.",
    step_sent_to_chosen: "Un code a été envoyé à l’adresse que vous avez choisie. Il n’a jamais été enregistré ; le serveur ne \
        garde que ce qu’il faut pour le reconnaître.",
    step_sent_to_mailbox: "Un code a été envoyé à la messagerie de votre compte. Il n’a jamais été enregistré ; le serveur ne \
        garde que ce qu’il faut pour le reconnaître.",
    to_listed: "À {}, l’adresse enregistrée pour votre compte",
    to_other: "À une autre adresse :",
    too_many: "Trop de tentatives proviennent de votre réseau. Veuillez réessayer dans une minute.",
    too_many_title: "Trop de tentatives",
    try_again: "Réessayer",
    unlisted: "L’application qui vous a envoyé ici n’est pas inscrite pour cette connexion ; vous n’y seriez pas redirigé. \
        Veuillez en informer son administrateur.",
    unlisted_title: "Cette application n’est pas inscrite",
    unreadable: "Il y manque quelque chose, ou un champ est trop long ou n’est pas du texte.",
    unreadable_title: "Ce formulaire est illisible",
    user_name: "Nom d’utilisateur",
    welcome: "Bienvenue, {}.",
    what_happened: "Ce qui vient de se passer",
    where_to: "Où les codes doivent-ils être envoyés ?",
    your_address: "Votre adresse e-mail",
};
