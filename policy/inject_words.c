/*
 * The names of commands that injected text runs, of Unix and of Windows, and
 * of the shell-like functions of PHP and PowerShell.  A table that is searched
 * by halves; what stands around a name is inject_shape.c's matter.
 */
#include "policy/inject_words.h"

#include <stdlib.h>
#include <strings.h>

#include "proxy/base/array.h"

#define NAME_MAX_LEN 24 /* bytes: longer than any name below */

/* In the order of strcmp(), which a test proves. */
/* clang-format off */
#define E(name) { name, WORD_ENGLISH, NULL }
#define A(name) { name, WORD_ARGS, NULL }
#define B(name) { name, WORD_BARE, NULL }
#define S(name) { name, WORD_SURE, NULL }
#define T(name, kind, second) { name, WORD_##kind, second }
static const struct word words[] = {
	S("adduser"),
	T("apk", ARGS, " add "),
	T("apt", ENGLISH, " install update remove "),
	T("apt-get", ARGS, " install update remove "),
	A("aria2c"), S("arp"), E("ash"), E("assoc"), E("at"), A("attrib"),
	S("auditpol"), A("awk"), E("axel"), S("base32"), A("base64"),
	A("bash"), S("bcdedit"), S("bitsadmin"), S("busybox"), S("bzcat"),
	S("cacls"), A("calc"), E("call"), A("cat"), A("cc"), E("cd"),
	S("certutil"), E("change"), S("chattr"), E("chdir"), S("chgrp"),
	S("chmod"), E("choice"), S("chown"), S("chpasswd"), A("chroot"),
	A("cmd"), E("color"), E("column"), E("comp"), E("copy"), A("cp"),
	S("crontab"), S("cscript"), A("csh"), A("curl"), E("cut"), E("dash"),
	E("date"), A("dd"), A("del"), B("df"), E("die"), E("diff"), A("dig"),
	B("dir"), E("diskpart"), S("diskshadow"), S("dmesg"),
	T("dnf", ARGS, " install "),
	A("doas"),
	T("docker", ENGLISH, " run exec ps images "),
	S("driverquery"), S("dsquery"), B("du"), A("echo"), A("egrep"),
	B("env"), A("erase"), A("eval"), A("exec"), E("exit"), E("expand"),
	E("expect"), E("export"), E("factor"), E("fc"), S("fdisk"),
	E("fetch"), A("fgrep"), E("file"), A("file_get_contents"), E("find"),
	A("findstr"), E("finger"), E("fish"), E("fold"), E("for"),
	E("format"), E("free"), S("fsutil"), A("ftp"), A("ftpget"), A("gawk"),
	A("gcc"), A("gdb"), A("get-childitem"), A("get-content"),
	A("get-process"), S("getcap"), S("getent"),
	T("git", ENGLISH, " clone init push config submodule "),
	S("gpresult"), A("grep"), S("groupadd"), E("groups"), A("gzip"),
	E("halt"), E("head"), E("help"), S("hexdump"), E("history"),
	E("host"), B("hostname"), S("icacls"), B("id"), A("iex"), E("if"),
	S("ifconfig"), B("ifdown"), E("import"), S("insmod"), E("install"),
	A("invoke-command"), A("invoke-expression"), A("invoke-webrequest"),
	T("ip", ENGLISH, " addr address route link neigh rule "),
	S("ip6tables"), S("ipconfig"), S("iptables"), A("iwr"), E("java"),
	A("javac"), E("join"), S("journalctl"), A("kill"), S("killall"),
	A("ksh"),
	T("kubectl", ENGLISH, " get exec apply delete run "),
	E("label"), E("last"), S("ldapsearch"), E("less"), E("link"), B("ll"),
	A("ln"), E("locate"), E("logout"), E("look"), B("ls"), S("lsattr"),
	S("lsblk"), S("lscpu"), S("lsmod"), S("lsof"), A("ltrace"), A("lua"),
	A("lynx"), E("mail"), E("make"), E("man"), A("md"), S("meterpreter"),
	S("mkdir"), S("mkfifo"), S("mkfs"), S("mknod"), S("modprobe"),
	S("mongosh"), E("more"), E("mount"), E("move"), S("msfconsole"),
	S("msfvenom"), S("mshta"), A("mv"), A("mysql"), S("mysqldump"),
	A("nano"), S("nbtstat"), A("nc"), S("ncat"),
	T("net", ENGLISH,
	    " user users view localgroup group share start stop "
	    "use accounts config session statistics time file "),
	S("netcat"), S("netdom"), S("netsh"), S("netstat"), A("new-object"),
	A("nl"), S("nmap"), E("node"), S("nohup"), A("notepad"),
	T("npm", ENGLISH, " install exec run i "),
	A("npx"), A("nsenter"), S("nslookup"), S("ntdsutil"), A("od"),
	A("openssl"), A("pacman"), A("passthru"), E("paste"), E("path"),
	S("pathping"), A("perl"), S("pg_dump"), S("pgrep"), A("php"),
	S("phpinfo"), S("phpversion"), A("ping"), A("ping6"),
	T("pip", ARGS, " install download "),
	T("pip3", ARGS, " install download "),
	S("pkill"), A("popen"), E("poweroff"), S("powershell"), E("print"),
	A("print_r"), S("printenv"), A("printf"), B("ps"), S("psql"),
	E("pushd"), B("pwd"), S("pwsh"), A("python"), A("python2"),
	A("python3"),
	T("query", ENGLISH, " user session process "),
	S("quser"), S("qwinsta"), A("rbash"), A("rd"), E("read"),
	A("readfile"), E("reboot"),
	T("reg", ENGLISH, " add query delete save export import "),
	S("regsvr32"), A("ren"), A("resolve-dnsname"), E("rev"), A("rexec"),
	A("rlogin"), A("rm"), S("rmdir"), S("robocopy"),
	T("route", ENGLISH, " print add delete "),
	S("rpcclient"), A("rsh"), A("rsync"), A("ruby"), S("rundll32"),
	T("sc", ENGLISH, " query create start stop config delete sdset "),
	S("schtasks"), A("scp"), E("screen"), E("script"), S("secedit"),
	A("sed"), E("seq"),
	T("service", ENGLISH, " stop ssh apache2 nginx mysql cron iptables "),
	E("set"), A("set-executionpolicy"), S("setcap"), S("setsid"),
	S("setuid"), S("sfdisk"), A("sftp"), A("sh"), A("shell_exec"),
	E("shred"),
	T("shutdown", ENGLISH, " now "),
	A("sleep"), S("smbclient"), S("socat"), E("sort"), E("source"),
	E("split"), S("sqlite3"), S("ss"), A("ssh"),
	T("start", ENGLISH, " cmd calc notepad powershell "),
	A("start-bitstransfer"), A("start-process"), A("start-sleep"),
	E("stat"), A("strace"), E("strings"), A("su"),
	T("sudo", ARGS, " su id bash sh rm cat ls chmod reboot -s -i "),
	S("sysinfo"), A("system"), S("systemctl"), S("systeminfo"), A("tac"),
	E("tail"), A("tar"), S("taskkill"), S("tasklist"), S("tcpdump"),
	A("tcsh"), A("tee"), A("telnet"), E("test"), A("test-connection"),
	A("tftp"), E("time"), A("timeout"), E("title"), A("tnsping"),
	E("top"), A("touch"), A("tr"), S("traceroute"), S("tracert"),
	E("tree"), E("type"), A("umount"), S("uname"), A("uniq"),
	A("unshare"), A("unzip"), B("uptime"), S("useradd"), S("userdel"),
	S("usermod"), E("users"), A("var_dump"), B("ver"), A("vi"), A("vim"),
	S("visudo"), S("vssadmin"), E("w"), A("w3m"), A("waitfor"), E("wall"),
	E("watch"), A("wc"), S("wevtutil"), A("wget"), E("where"),
	A("whereis"), E("which"), E("while"),
	T("who", ENGLISH, " am "),
	S("whoami"), S("wipefs"), S("wmic"), E("write"), S("wscript"),
	S("xargs"), A("xcalc"), S("xcopy"), S("xxd"), S("xzcat"), E("yes"),
	T("yum", ARGS, " install "),
	S("zcat"), S("zgrep"), A("zsh"),
};
/* clang-format on */

static int
compare(const void *key, const void *row)
{
	const struct word *w = row;

	return strcmp(key, w->name);
}

const struct word *
word_find(struct slice name)
{
	char low[NAME_MAX_LEN];

	if (name.len > 4 && strncasecmp(name.at + name.len - 4, ".exe", 4) == 0)
		name.len -= 4;
	if (name.len == 0 || name.len >= sizeof(low))
		return NULL;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.at[i];

		low[i] = c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
	}
	low[name.len] = '\0';
	return bsearch(low, words, nitems(words), sizeof(words[0]), compare);
}

bool
word_second(const struct word *w, struct slice next)
{
	const char *at = w->second;

	if (at == NULL || next.len == 0)
		return false;
	/* Word by word: " a b " holds its words between blanks. */
	while (*++at != '\0') {
		size_t len = strcspn(at, " ");

		if (len == next.len && strncasecmp(at, next.at, len) == 0)
			return true;
		at += len;
	}
	return false;
}
