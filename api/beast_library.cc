// Beast's own source file; see dcs_asio in CMakeLists.txt.
#include <boost/beast/src.hpp>
