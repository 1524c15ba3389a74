package policy

// china is the base calendar that comes with the library.
const ChinaCalendar = "china"
