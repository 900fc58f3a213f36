// A main() with a C name, as compilers outside of freestanding mode give it.
extern "C" int main(int argc, char**) { return argc + 10; }
