#include "userlib/bin/tools.hh"

namespace weft {

// Each stands in the file of its name, or of what it is about.
int basename_main(Arguments);
int bathroom_main(Arguments);
int blocking_main(Arguments);
int calls_main(Arguments);
int cat_main(Arguments);
int chmod_main(Arguments);
int clear_main(Arguments);
int cp_main(Arguments);
int crash_main(Arguments);
int crowd_main(Arguments);
int cut_main(Arguments);
int daemons_main(Arguments);
int date_main(Arguments);
int demo_main(Arguments);
int dirname_main(Arguments);
int downloads_main(Arguments);
int env_main(Arguments);
int eventloop_main(Arguments);
int exits_main(Arguments);
int false_main(Arguments);
int families_main(Arguments);
int find_main(Arguments);
int forks_main(Arguments);
int free_main(Arguments);
int generators_main(Arguments);
int greedy_main(Arguments);
int grep_main(Arguments);
int head_main(Arguments);
int help_main(Arguments);
int hexdump_main(Arguments);
int httpd_main(Arguments);
int httpget_main(Arguments);
int httpload_main(Arguments);
int id_main(Arguments);
int ipcrm_main(Arguments);
int ipcs_main(Arguments);
int kettle_main(Arguments);
int lives_main(Arguments);
int ln_main(Arguments);
int locks_main(Arguments);
int ls_main(Arguments);
int many_main(Arguments);
int means_main(Arguments);
int memory_main(Arguments);
int messages_main(Arguments);
int mkdir_main(Arguments);
int mkfifo_main(Arguments);
int mv_main(Arguments);
int nice_main(Arguments);
int nproc_main(Arguments);
int own_main(Arguments);
int parallel_main(Arguments);
int philosophers_main(Arguments);
int pingpong_main(Arguments);
int pipes_main(Arguments);
int poweroff_main(Arguments);
int ps_main(Arguments);
int pwd_main(Arguments);
int readlink_main(Arguments);
int reboot_main(Arguments);
int rev_main(Arguments);
int rm_main(Arguments);
int rmdir_main(Arguments);
int rooms_main(Arguments);
int safety_main(Arguments);
int semaphores_main(Arguments);
int seq_main(Arguments);
int shares_main(Arguments);
int signals_main(Arguments);
int servers_main(Arguments);
int sleep_main(Arguments);
int sockets_main(Arguments);
int sort_main(Arguments);
int stat_main(Arguments);
int switches_main(Arguments);
int tail_main(Arguments);
int tee_main(Arguments);
int time_main(Arguments);
int together_main(Arguments);
int toomany_main(Arguments);
int top_main(Arguments);
int touch_main(Arguments);
int tr_main(Arguments);
int true_main(Arguments);
int tty_main(Arguments);
int uname_main(Arguments);
int uniq_main(Arguments);
int unlocked_main(Arguments);
int uptime_main(Arguments);
int wc_main(Arguments);
int which_main(Arguments);
int workers_main(Arguments);
int workloads_main(Arguments);
int xargs_main(Arguments);
int yes_main(Arguments);

namespace {

constexpr Tool k_tools[] = {
    {"[", test_main, "EXPRESSION ]: compare texts and numbers, look at files"},
    {"basename", basename_main, "PATH [ENDING]: the part behind the last slash"},
    {"bathroom", bathroom_main,
     "[--csv]: a demo: a mutex and semaphores, what they do alike, and what not"},
    {"blocking", blocking_main, "a demo: a coroutine waits; what becomes of the others?"},
    {"calls", calls_main, "a demo: calling a function of another process"},
    {"cat", cat_main, "[FILE...]: print files"},
    {"chmod", chmod_main, "MODE FILE...: change a file's rights (755, u+x)"},
    {"clear", clear_main, "clear the screen"},
    {"cp", cp_main, "[-r] [-p] [-v] FROM... TO: copy"},
    {"crash", crash_main, "a demo: a crash in a thread, a crash in a process"},
    {"crowd", crowd_main,
     "[-n COROUTINES] [-s STACK] [-r ROUNDS] [-w WORKERS] [-d]: very many coroutines at once"},
    {"cut", cut_main, "-c LIST or -f LIST [-d CHARACTER] [FILE...]: parts of lines"},
    {"daemons", daemons_main, "a demo: which threads a process waits for"},
    {"date", date_main, "[+FORMAT]: the time"},
    {"demo", demo_main, "[NAME [--csv] | all]: the demos, and what to look for in each"},
    {"dirname", dirname_main, "PATH: the part before the last slash"},
    {"downloads", downloads_main,
     "[--csv]: a demo: two downloads, one by one and at once in three ways"},
    {"echo", echo_main, "[-n] [-e] TEXT...: print it"},
    {"env", env_main,
     "[-i] [NAME=VALUE...] [COMMAND...]: the environment, or a program in another one"},
    {"eventloop", eventloop_main, "a demo: an event loop with callbacks, and with coroutines"},
    {"exits", exits_main, "a demo: return, exit, and a child of vfork that returns"},
    {"false", false_main, "fail"},
    {"families", families_main, "a demo: zombies and orphans"},
    {"find", find_main,
     "[PATH...] [-name PATTERN] [-type LETTER] [-maxdepth N]: files below a folder"},
    {"forks", forks_main, "a demo: fork, what it copies and when, and vfork"},
    {"free", free_main, "memory"},
    {"generators", generators_main, "a demo: producer and consumer taking turns"},
    {"greedy", greedy_main, "a demo: threads that never let go"},
    {"grep", grep_main, "[-EFivnclqorhHx] PATTERN [FILE...]: the lines in which a pattern occurs"},
    {"head", head_main, "[-n LINES] [-c BYTES] [FILE...]: the beginning of files"},
    {"help", help_main, "this list"},
    {"hexdump", hexdump_main, "[-C] [FILE...]: bytes in hexadecimal"},
    {"httpd", httpd_main,
     "[-p PORT] [-s processes|threads|loop|coroutines] [-w WORKERS] [-x]: a web server of any "
     "shape"},
    {"httpget", httpget_main, "[-p PORT] TARGET: ask a web server on this machine"},
    {"httpload", httpload_main,
     "[-c CONNECTIONS] [-n REQUESTS] [-w WORKERS] [-p PORT] [-t TARGET]: many clients at once"},
    {"id", id_main, "who am I?"},
    {"init", init_main, "[-c COMMANDS]: process 1"},
    {"ipcrm", ipcrm_main, "[-m|-q|-s ID] [-M|-Q|-S KEY]...: remove System V objects"},
    {"ipcs", ipcs_main, "[-mqs]: System V shared memory, message queues and semaphores"},
    {"kettle", kettle_main, "[--csv]: a demo: four ways to wait for the tea water"},
    {"kill", kill_main, "[-SIGNAL] PID...: send a signal; -l: list them"},
    {"lives", lives_main, "a demo: what a thread is from its beginning to its end"},
    {"ln", ln_main, "[-s] [-f] FILE NAME: another name for a file"},
    {"locks", locks_main, "a demo: record locks and flock"},
    {"ls", ls_main, "[-aAlRdFtrS1i] [FILE...]: what is in a folder"},
    {"many", many_main, "[--csv]: a demo: coroutines on several threads, and in several processes"},
    {"means", means_main, "[--csv]: a demo: bytes between processes in eight ways, how fast"},
    {"memory", memory_main, "a demo: what a child changes, and what a thread changes"},
    {"messages", messages_main, "a demo: a message queue"},
    {"mkdir", mkdir_main, "[-p] FOLDER...: make folders"},
    {"mkfifo", mkfifo_main, "NAME...: make named pipes"},
    {"mv", mv_main, "[-f] [-v] FROM... TO: move or rename"},
    {"nice", nice_main, "[-n N] COMMAND...: run it with another priority"},
    {"nproc", nproc_main, "how many CPUs?"},
    {"own", own_main, "a demo: what each thread has for itself"},
    {"parallel", parallel_main, "[--csv]: a demo: the same work on one CPU and on all"},
    {"philosophers", philosophers_main, "a demo: a deadlock at dinner, and two ways out"},
    {"pingpong", pingpong_main, "a demo: two that print, as processes, threads, coroutines"},
    {"pipes", pipes_main, "a demo: pipes, with and without a name"},
    {"poweroff", poweroff_main, "end the machine"},
    {"printf", printf_main, "FORMAT VALUE...: print by a pattern"},
    {"ps", ps_main, "[-l]: the processes"},
    {"pwd", pwd_main, "where am I?"},
    {"readlink", readlink_main, "LINK: where it leads"},
    {"reboot", reboot_main, "start the machine anew"},
    {"rev", rev_main, "[FILE...]: each line backwards"},
    {"rm", rm_main, "[-r] [-f] FILE...: remove"},
    {"rmdir", rmdir_main, "FOLDER...: remove empty folders"},
    {"rooms", rooms_main, "a demo: locks and gates, for threads and for coroutines"},
    {"safety", safety_main, "[IDEA]: a demo: what goes wrong between threads, and how not"},
    {"semaphores", semaphores_main, "a demo: semaphores between processes"},
    {"seq", seq_main, "[-s TEXT] [FIRST [STEP]] LAST: numbers"},
    {"servers", servers_main,
     "[-c CONNECTIONS] [-n REQUESTS] [--csv]: a demo: a web server in its four classic shapes"},
    {"sh", sh_main, "[-ceimnux] [SCRIPT] [ARGUMENT...]: the shell"},
    {"shares", shares_main, "a demo: memory of several processes"},
    {"signals", signals_main, "a demo: handlers, masks, and interrupted waits"},
    {"sleep", sleep_main, "SECONDS: wait"},
    {"sockets", sockets_main, "a demo: sockets of three kinds"},
    {"sort", sort_main, "[-nruf] [-k FIELD] [-t CHARACTER] [FILE...]: sort lines"},
    {"stat", stat_main, "FILE...: all that is known about a file"},
    {"switches", switches_main,
     "[--csv]: a demo: what a turn costs, for processes, threads and coroutines"},
    {"tail", tail_main, "[-n LINES] [-f] [FILE...]: the end of files"},
    {"tee", tee_main, "[-a] FILE...: copy input to output and to files"},
    {"test", test_main, "EXPRESSION: compare texts and numbers, look at files"},
    {"time", time_main, "COMMAND...: how long it takes"},
    {"together", together_main, "a demo: coroutines that are waited for, timed out and cancelled"},
    {"toomany", toomany_main, "[--csv]: a demo: more and more tasks for the same work"},
    {"top", top_main, "[-d SECONDS] [-n TIMES]: who uses the CPUs"},
    {"touch", touch_main, "[-c] FILE...: make files, or give them the present time"},
    {"tr", tr_main, "[-cds] SET [SET]: replace characters"},
    {"true", true_main, "succeed"},
    {"tty", tty_main, "which terminal is this?"},
    {"uname", uname_main, "[-asnrvm]: which system is this?"},
    {"uniq", uniq_main, "[-cdu] [FILE]: without repeated lines"},
    {"unlocked", unlocked_main, "a demo: coroutines that need no lock"},
    {"uptime", uptime_main, "since when does it run?"},
    {"wc", wc_main, "[-lwc] [FILE...]: count lines, words and bytes"},
    {"which", which_main, "NAME...: where is that program?"},
    {"workers", workers_main, "a demo: pools of threads and of processes"},
    {"workloads", workloads_main,
     "[--csv]: a demo: computing and waiting, with 1 to 8 workers of three kinds"},
    {"xargs", xargs_main,
     "[-n COUNT] [-I TEXT] [-r] [COMMAND...]: a command with words from its input"},
    {"yes", yes_main, "[TEXT...]: print it for ever"},
};

}  // namespace

std::span<const Tool> all_tools() { return k_tools; }

const Tool* find_tool(std::string_view name) {
  for (const Tool& tool : k_tools) {
    if (tool.name == name) return &tool;
  }
  return nullptr;
}

}  // namespace weft
