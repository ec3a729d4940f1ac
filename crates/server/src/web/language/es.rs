//! Spanish.

use super::Texts;

pub(super) static TEXTS: Texts = Texts {
    accepted_at: "Aceptado a las {}",
    another_address: "Otra dirección",
    bad_address: "Esa dirección no es válida. Introduzca exactamente una, con la forma nombre@example.org.",
    busy: "En este momento no se ha podido comprobar el inicio de sesión. No se ha cambiado nada; inténtelo de nuevo en unos \
        instantes.",
    busy_code_used: "El código era correcto y ya se ha usado, pero no se ha podido guardar su dirección. Empiece de nuevo, por \
        favor.",
    busy_title: "Ahora mismo no",
    check_your_mail: "Consulte su correo",
    code: "Código",
    code_expired: "Este código ha caducado. Empiece de nuevo para recibir otro.",
    code_works_for: "El código es válido durante {} más.",
    code_works_until: "El código es válido hasta las {}.",
    codes_go_to: "Los códigos se envían a {}, la dirección registrada para su cuenta.",
    connect_for: "Ahora puede abrir su conexión remota: una sola vez, desde aquí y en los próximos {} minutos.",
    connect_over: "El plazo para abrir su conexión remota ha terminado. Inicie sesión de nuevo antes de abrirla.",
    continue_: "Continuar",
    continue_to: "Continuar a {}",
    cross_site: "Ese formulario procede de una página de otro sitio, o las cookies están desactivadas. No se ha tenido en \
        cuenta.",
    cross_site_title: "Desde aquí no",
    enroll_and_sign_in: "Registrar e iniciar sesión",
    enroll_intro: "A partir de ahora inicia sesión con un código que llega por correo electrónico. Para empezar, se envía un \
        código a la dirección en la que desea recibirlos.",
    enroll_title: "Registre su buzón",
    enrolled_already: "Empiece de nuevo para iniciar sesión con un código.",
    enrolled_already_title: "Ya está registrado",
    enrollment_disabled: "El registro está desactivado. Póngase en contacto con el administrador del sistema.",
    enter_your_code: "Introduzca su código",
    ended: "Un inicio de sesión termina cuando su código se usa o caduca, tras demasiados códigos incorrectos, o cuando se \
        empezó en otro lugar.",
    ended_title: "Este inicio de sesión ha terminado",
    go_to_sign_in: "Ir a la página de inicio de sesión",
    no_address: "No hay ninguna dirección de correo disponible para su cuenta. Póngase en contacto con el administrador.",
    no_code_title: "No se puede enviar ningún código",
    no_mail_yet: "¿Aún no ha llegado el correo?",
    no_mail_yet_help: "Se envía a la dirección registrada para esta cuenta, si el nombre y la contraseña eran correctos, y \
        puede tardar un minuto. Mire también en la carpeta de correo no deseado. Si lo pide de nuevo, el código sigue siendo \
        el mismo, así que sirve cualquiera de los mensajes.",
    no_mail_yet_help_enroll: "Puede tardar un minuto. Mire también en la carpeta de correo no deseado. Se puede pedir un código \
        nuevo cada 30 segundos, unas pocas veces en total.",
    not_found: "Compruebe la dirección que le han dado.",
    not_found_title: "Esa página no existe",
    nothing_kept: "No se guarda nada hasta que el código vuelve.",
    occupied: "Ya hay otra dirección registrada para su cuenta y se conserva. Póngase en contacto con el administrador.",
    occupied_title: "Su dirección no se ha guardado",
    on_its_way_to: "Un código va de camino a {}. Introdúzcalo aquí y la dirección quedará registrada.",
    on_its_way_to_listed: "Un código va de camino a la dirección que consta para {}. Introdúzcalo aquí y la dirección quedará \
        registrada.",
    password: "Contraseña",
    password_or_pin: "Contraseña o PIN",
    reference: "Referencia {}",
    refused: "El nombre de usuario o la contraseña no son correctos.",
    said_wrong: "El código no es correcto o ha caducado.",
    said_sent: "El correo va de camino otra vez. Contiene el mismo código que antes.",
    said_wait: "Todavía no se ha enviado de nuevo. Puede pedirlo cada 30 segundos, unas pocas veces por código.",
    send_again: "Enviar de nuevo",
    send_again_in: "Enviar de nuevo en {} s",
    send_again_or_other: "Enviar de nuevo, o usar otra dirección",
    send_code: "Enviar código",
    sent_often_enough: "El correo se ha enviado tantas veces como es posible.",
    sign_in: "Iniciar sesión",
    sign_in_again: "Iniciar sesión de nuevo",
    signed_in: "Ha iniciado sesión",
    signed_in_close: "Puede cerrar esta ventana.",
    signed_in_on_your_way: "Se le está dirigiendo a {}. Si no ocurre nada, use el botón.",
    signing_in_as: "Iniciando sesión como {}.",
    start_again: "Empezar de nuevo",
    start_hint: "Es posible que a continuación se le pida un código que se le envía por correo electrónico.",
    step_code_back: "Su código volvió a tiempo. Se comparó y se consumió en un solo paso, de modo que nadie puede usarlo por \
        segunda vez.",
    step_checked: "Se comprobaron su nombre y lo que escribió con él.",
    step_enrolled: "Eso demostró que el buzón es suyo, así que ya está registrado: desde el próximo inicio de sesión, los \
        códigos irán allí.",
    step_excepted: "Una regla de su administrador le exime del segundo paso, por lo que no se envió ningún código.",
    step_sent_to_chosen: "Se envió un código a la dirección que eligió. Nunca se guardó; el servidor conserva solo lo necesario \
        para reconocerlo.",
    step_sent_to_mailbox: "Se envió un código al buzón de su cuenta. Nunca se guardó; el servidor conserva solo lo necesario \
        para reconocerlo.",
    to_listed: "A {}, la dirección registrada para su cuenta",
    to_other: "A otra dirección:",
    too_many: "Ha habido demasiados intentos desde su red. Inténtelo de nuevo dentro de un minuto.",
    too_many_title: "Demasiados intentos",
    try_again: "Intentar de nuevo",
    unlisted: "La aplicación que le ha enviado aquí no está inscrita para este inicio de sesión, así que no se le devolvería a \
        ella. Avise a su administrador.",
    unlisted_title: "Esta aplicación no está inscrita",
    unreadable: "Le falta algo, es demasiado largo o no es texto.",
    unreadable_title: "Ese formulario no se puede leer",
    user_name: "Nombre de usuario",
    welcome: "Le damos la bienvenida, {}.",
    what_happened: "Qué acaba de ocurrir",
    where_to: "¿Adónde deben ir los códigos?",
    your_address: "Su dirección de correo electrónico",
};
