/*
 * Questions for secrets, in what a person reads of them, and ordinary ones that
 * have the same words.
 */
#include "policy/asks.h"

#include <time.h>

#include "proxy/base/array.h"
#include "test/unit/unit.h"

static const struct {
	enum asks_place place;
	enum asks_takes takes;
	const char *text;
} secrets[] = {
	{ ASKS_NAME, ASKS_TEXT, "password" },
	{ ASKS_NAME, ASKS_TEXT, "userPassword" },
	{ ASKS_NAME, ASKS_TEXT, "DB_PASSWORD" },
	{ ASKS_NAME, ASKS_TEXT, "dbpassword" },
	{ ASKS_NAME, ASKS_TEXT, "p_a_s_s_w_o_r_d" },
	{ ASKS_NAME, ASKS_TEXT, "passw0rd" },
	{ ASKS_NAME, ASKS_TEXT, "pa$$word" },
	{ ASKS_NAME, ASKS_TEXT, "p@ssword" },
	{ ASKS_NAME, ASKS_TEXT, "passphrase" },
	{ ASKS_NAME, ASKS_TEXT, "pwd" },
	{ ASKS_NAME, ASKS_TEXT, "pin" },
	{ ASKS_NAME, ASKS_NUMBER, "pin" },
	{ ASKS_NAME, ASKS_TEXT, "pinCode" },
	{ ASKS_NAME, ASKS_TEXT, "api_key" },
	{ ASKS_NAME, ASKS_TEXT, "api-key" },
	{ ASKS_NAME, ASKS_TEXT, "openaiApiKey" },
	{ ASKS_NAME, ASKS_TEXT, "OPENAI_API_KEY" },
	{ ASKS_NAME, ASKS_TEXT, "APIKey" },
	{ ASKS_NAME, ASKS_TEXT, "myAPIToken" },
	{ ASKS_NAME, ASKS_TEXT, "token" },
	{ ASKS_NAME, ASKS_TEXT, "accessToken" },
	{ ASKS_NAME, ASKS_TEXT, "token_value" },
	{ ASKS_NAME, ASKS_TEXT, "client_secret" },
	{ ASKS_NAME, ASKS_TEXT, "secret" },
	{ ASKS_NAME, ASKS_NUMBER, "cardNumber" },
	{ ASKS_NAME, ASKS_TEXT, "cvv" },
	{ ASKS_NAME, ASKS_TEXT, "ssn" },
	{ ASKS_NAME, ASKS_TEXT, "otp" },
	{ ASKS_NAME, ASKS_TEXT, "2fa_code" },
	{ ASKS_NAME, ASKS_TEXT, "seedPhrase" },
	{ ASKS_NAME, ASKS_TEXT, "mnemonic" },
	{ ASKS_NAME, ASKS_TEXT, "private_key" },
	{ ASKS_NAME, ASKS_TEXT, "credentials" },
	{ ASKS_NAME, ASKS_TEXT, "contraseña" },
	{ ASKS_NAME, ASKS_TEXT, "Пароль" },
	{ ASKS_LABEL, ASKS_TEXT, "Password" },
	{ ASKS_LABEL, ASKS_TEXT, "GitHub Personal Access Token" },
	{ ASKS_LABEL, ASKS_TEXT, "API key (required)" },
	{ ASKS_LABEL, ASKS_TEXT, "Your PIN" },
	{ ASKS_LABEL, ASKS_TEXT, "4-digit PIN" },
	{ ASKS_LABEL, ASKS_TEXT, "One-time code" },
	{ ASKS_LABEL, ASKS_TEXT, "12-word phrase" },
	{ ASKS_LABEL, ASKS_TEXT, "PASSWORD" },
	{ ASKS_LABEL, ASKS_TEXT, "ПАРОЛЬ" },
	/* Cyrillic letters that look like those of "PASSWORD" and "TOKEN" */
	{ ASKS_LABEL, ASKS_TEXT, "Ра\xd1\x95\xd1\x95word" },
	{ ASKS_LABEL, ASKS_TEXT, "ТОКEN" },
	/* Full width; a zero-width space; a soft hyphen */
	{ ASKS_LABEL, ASKS_TEXT, "Ｐａｓｓｗｏｒｄ" },
	{ ASKS_LABEL, ASKS_TEXT, "pass\xe2\x80\x8bword" },
	{ ASKS_LABEL, ASKS_TEXT, "pass\xc2\xadword" },
	{ ASKS_LABEL, ASKS_TEXT, "pass\x1b[0mword" },
	{ ASKS_LABEL, ASKS_TEXT, "pass\x1b]0;x\x07word" },
	{ ASKS_LABEL, ASKS_TEXT, "p a s s w o r d" },
	{ ASKS_LABEL, ASKS_TEXT, "**Pass**word" },
	{ ASKS_ABOUT, ASKS_TEXT, "Your GitHub personal access token" },
	{ ASKS_ABOUT, ASKS_TEXT, "Found in settings, begins with ghp_" },
	{ ASKS_ABOUT, ASKS_TEXT, "Please type the password of your account" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Please provide your API key" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Enter your password to continue." },
	{ ASKS_MESSAGE, ASKS_TEXT, "Enter your\npassword" },
	{ ASKS_MESSAGE, ASKS_CHOICE, "Please give me your OpenAI API key" },
	{ ASKS_MESSAGE, ASKS_TEXT, "What is your password?" },
	{ ASKS_MESSAGE, ASKS_TEXT, "GitHub token:" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Your password, please" },
	{ ASKS_MESSAGE, ASKS_TEXT,
	    "To verify who you are we need your social "
	    "security number" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Type in the 6-digit code we sent to you" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Paste the contents of your private key" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Enter your PIN to continue" },
	{ ASKS_MESSAGE, ASKS_TEXT, "An access token is required to go on" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Do not worry, enter your password" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Please enter the credit card number" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Sorry! Share your seed phrase again." },
	{ ASKS_MESSAGE, ASKS_TEXT, "Bitte geben Sie Ihr Passwort ein" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Veuillez saisir votre mot de passe" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Introduzca su contraseña" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Digite sua senha" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Podaj hasło" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Введите пароль" },
	{ ASKS_MESSAGE, ASKS_TEXT, "ВВЕДИТЕ ПАРОЛЬ" },
	{ ASKS_MESSAGE, ASKS_TEXT, "请输入您的密码" },
	{ ASKS_MESSAGE, ASKS_TEXT, "请输入API密钥" },
	{ ASKS_MESSAGE, ASKS_TEXT, "パスワードを入力してください" },
	{ ASKS_MESSAGE, ASKS_TEXT, "비밀번호를 입력하세요" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Şifrenizi girin" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Nhập mật khẩu" },
	{ ASKS_MESSAGE, ASKS_TEXT, "أدخل كلمة المرور" },
	{ ASKS_MESSAGE, ASKS_TEXT, "पासवर्ड दर्ज करें" },
};

static const struct {
	enum asks_place place;
	enum asks_takes takes;
	const char *text;
} ordinary[] = {
	{ ASKS_NAME, ASKS_TEXT, "branch" },
	{ ASKS_NAME, ASKS_TEXT, "username" },
	{ ASKS_NAME, ASKS_TEXT, "tokenizer" },
	{ ASKS_NAME, ASKS_TEXT, "tokens" },
	{ ASKS_NAME, ASKS_NUMBER, "max_tokens" },
	{ ASKS_NAME, ASKS_TEXT, "maxTokens" },
	{ ASKS_NAME, ASKS_TEXT, "tokenLimit" },
	{ ASKS_NAME, ASKS_TEXT, "token_symbol" },
	{ ASKS_NAME, ASKS_TEXT, "tokenAddress" },
	{ ASKS_NAME, ASKS_NUMBER, "token" },
	{ ASKS_NAME, ASKS_TEXT, "secretName" },
	{ ASKS_NAME, ASKS_TEXT, "secret_santa_name" },
	{ ASKS_NAME, ASKS_TEXT, "apiKeyName" },
	{ ASKS_NAME, ASKS_TEXT, "access_key_id" },
	{ ASKS_NAME, ASKS_TEXT, "passwordPolicy" },
	{ ASKS_NAME, ASKS_TEXT, "password_length" },
	{ ASKS_NAME, ASKS_TEXT, "passwordless" },
	{ ASKS_NAME, ASKS_TEXT, "cardTitle" },
	{ ASKS_NAME, ASKS_TEXT, "card" },
	{ ASKS_NAME, ASKS_TEXT, "pinned" },
	{ ASKS_NAME, ASKS_TEXT, "pinToTop" },
	{ ASKS_NAME, ASKS_TEXT, "spinner" },
	{ ASKS_NAME, ASKS_TEXT, "shipping" },
	{ ASKS_NAME, ASKS_TEXT, "compass" },
	{ ASKS_NAME, ASKS_TEXT, "passengerName" },
	{ ASKS_NAME, ASKS_TEXT, "key" },
	{ ASKS_NAME, ASKS_TEXT, "primaryKey" },
	{ ASKS_NAME, ASKS_TEXT, "public_key" },
	{ ASKS_NAME, ASKS_TEXT, "code" },
	{ ASKS_NAME, ASKS_TEXT, "zipCode" },
	{ ASKS_NAME, ASKS_TEXT, "countryCode" },
	{ ASKS_NAME, ASKS_TEXT, "seed" },
	{ ASKS_NAME, ASKS_TEXT, "secretary" },
	{ ASKS_NAME, ASKS_TEXT, "loginName" },
	{ ASKS_NAME, ASKS_TEXT, "session" },
	{ ASKS_LABEL, ASKS_TEXT, "Name of the token" },
	{ ASKS_LABEL, ASKS_TEXT, "Where to store the API key" },
	{ ASKS_LABEL, ASKS_TEXT, "Maximum number of tokens" },
	{ ASKS_LABEL, ASKS_CHOICE, "Require a password" },
	{ ASKS_LABEL, ASKS_TEXT, "Token budget" },
	{ ASKS_LABEL, ASKS_TEXT, "Card title" },
	{ ASKS_LABEL, ASKS_TEXT, "Pin to top" },
	{ ASKS_LABEL, ASKS_TEXT, "Secret Santa name" },
	{ ASKS_LABEL, ASKS_TEXT, "Secret ingredient" },
	{ ASKS_LABEL, ASKS_TEXT, "Email for password recovery" },
	{ ASKS_ABOUT, ASKS_TEXT, "Your full name (no passwords here)" },
	{ ASKS_ABOUT, ASKS_NUMBER, "How many tokens the summary may have" },
	{ ASKS_ABOUT, ASKS_TEXT,
	    "Repository to use; the configured token must have access to it" },
	{ ASKS_ABOUT, ASKS_TEXT, "Environment variable that holds it" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Which branch?" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Pick a token limit" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Please provide your GitHub username" },
	{ ASKS_MESSAGE, ASKS_TEXT, "How many tokens should the answer have?" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Choose a tokenizer" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Should I pin this version?" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Pin this message to top?" },
	{ ASKS_MESSAGE, ASKS_TEXT, "What is the title of the card?" },
	{ ASKS_MESSAGE, ASKS_CHOICE, "Do you want to reset your password?" },
	{ ASKS_MESSAGE, ASKS_CHOICE, "Revoke the access token of bob?" },
	{ ASKS_MESSAGE, ASKS_TEXT,
	    "Describe the problem. Do not include passwords or API keys." },
	{ ASKS_MESSAGE, ASKS_TEXT, "Never enter your password in this form" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Enter the name of the secret" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Enter a name for the API key" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Enter the token symbol" },
	{ ASKS_MESSAGE, ASKS_TEXT,
	    "Your password has expired. Which group "
	    "are you in?" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Who is your secret santa?" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Enter your shipping address" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Deploy to production? Type yes." },
	{ ASKS_MESSAGE, ASKS_TEXT, "请选择分支" },
	{ ASKS_MESSAGE, ASKS_TEXT, "Выберите ветку" },
	{ ASKS_MESSAGE, ASKS_TEXT, "" },
};

START_TEST(finds_secrets)
{
	struct asks *a = asks_new();

	ck_assert_msg(asks_secret(a, slice_of(secrets[_i].text),
			  secrets[_i].place, secrets[_i].takes),
	    "missed: %s", secrets[_i].text);
	asks_free(a);
}
END_TEST

START_TEST(passes_ordinary)
{
	struct asks *a = asks_new();

	ck_assert_msg(!asks_secret(a, slice_of(ordinary[_i].text),
			  ordinary[_i].place, ordinary[_i].takes),
	    "refused: %s", ordinary[_i].text);
	asks_free(a);
}
END_TEST

static const char *const worst[] = { "token limit ", "password reset ", "p",
	"пароль", "a ", "enter no token limit ", "\x1b[", "p-", "the ",
	"секрет", "password", "PASSWORD", "密码", "password    ,,,,    " };

/* Texts that are all nouns, all letters of one, all sentences of no end. */
START_TEST(stays_linear)
{
	struct asks *a = asks_new();
	struct buf text;
	clock_t begun = clock();

	buf_init(&text, 2 << 20);
	while (text.len < 1 << 20)
		ck_assert_int_eq(buf_add_str(&text, worst[_i]), 0);
	(void)asks_secret(a, buf_slice(&text), ASKS_MESSAGE, ASKS_CHOICE);
	ck_assert_int_lt((int)((clock() - begun) / CLOCKS_PER_SEC), 60);
	buf_release(&text);
	asks_free(a);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("asks");

	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, finds_secrets, 0, (int)nitems(secrets));
	tcase_add_loop_test(tc, passes_ordinary, 0, (int)nitems(ordinary));
	tcase_add_loop_test(tc, stays_linear, 0, (int)nitems(worst));
	return unit_run(tc, "asks");
}
