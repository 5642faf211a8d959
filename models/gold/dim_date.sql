with

date_names as (

    select * from {{ ref('date_names') }}

),

public_holiday as (

    select * from {{ ref('public_holiday') }}

),

days as (

    select
        explode(
            sequence(
                date '{{ var("calendar_start") }}',
                date '{{ var("calendar_end") }}'
            )
        ) as calendar_date

    union all

    -- The unknown day: whatever is asked of it is null.
    select cast(null as date) as calendar_date

),

numbered as (

    select
        calendar_date,
        coalesce(cast(date_format(calendar_date, 'yyyyMMdd') as int), -1)
            as date_key,

        ---------- ISO 8601 weeks: of the year that holds the week's Thursday
        extract(yearofweek from calendar_date) as iso_year,
        extract(week from calendar_date) as iso_week,
        extract(dayofweek_iso from calendar_date) as weekday_number,

        ---------- calendar
        year(calendar_date) as year,
        month(calendar_date) as month_number,
        quarter(calendar_date) as quarter_number,
        (month(calendar_date) - 1) div 6 + 1 as semester_number,
        -- Meteorological seasons of the northern hemisphere.
        month(calendar_date) % 12 div 3 + 1 as season_number,
        day(calendar_date) as day_of_month,
        dayofyear(calendar_date) as day_of_year
    from days

),

joined as (

    select
        ---------- keys
        numbered.date_key,
        numbered.calendar_date,

        ---------- year and its parts
        numbered.year,
        cast(numbered.semester_number as int) as semester_number,
        concat(numbered.year, '-S', numbered.semester_number) as semester_label,
        numbered.quarter_number,
        concat(numbered.year, '-Q', numbered.quarter_number) as quarter_label,
        cast(numbered.season_number as int) as season_number,
        seasons.name_en as season_name_en,
        seasons.name_fr as season_name_fr,

        ---------- month
        numbered.month_number,
        date_format(numbered.calendar_date, 'yyyy-MM') as month_label,
        months.name_en as month_name_en,
        months.name_fr as month_name_fr,
        cast(trunc(numbered.calendar_date, 'MM') as date) as month_start_date,
        last_day(numbered.calendar_date) as month_end_date,

        ---------- week
        numbered.iso_year,
        numbered.iso_week,
        concat(numbered.iso_year, '-W', lpad(numbered.iso_week, 2, '0'))
            as iso_week_label,
        cast(trunc(numbered.calendar_date, 'WEEK') as date) as week_start_date,

        ---------- day
        numbered.day_of_month,
        numbered.day_of_year,
        numbered.weekday_number,
        weekdays.name_en as weekday_name_en,
        weekdays.name_fr as weekday_name_fr,
        public_holiday.holiday_name_en as public_holiday_name_en,
        public_holiday.holiday_name_fr as public_holiday_name_fr,

        ---------- booleans
        numbered.weekday_number >= 6 as is_weekend,
        if(
            numbered.calendar_date is null,
            null,
            public_holiday.holiday_date is not null
        ) as is_public_holiday,
        numbered.weekday_number < 6 and public_holiday.holiday_date is null
            as is_working_day,
        numbered.day_of_month = 1 as is_month_start,
        numbered.calendar_date = last_day(numbered.calendar_date)
            as is_month_end,
        numbered.calendar_date = last_day(numbered.calendar_date)
        and numbered.month_number % 3 = 0 as is_quarter_end,
        numbered.day_of_year = 1 as is_year_start,
        numbered.month_number = 12 and numbered.day_of_month = 31
            as is_year_end,
        dayofyear(make_date(numbered.year, 12, 31)) = 366 as is_leap_year

    from numbered
    left join date_names as months
        on
            numbered.month_number = months.number
            and months.part = 'month'
    left join date_names as weekdays
        on
            numbered.weekday_number = weekdays.number
            and weekdays.part = 'weekday'
    left join date_names as seasons
        on
            numbered.season_number = seasons.number
            and seasons.part = 'season'
    left join public_holiday
        on numbered.calendar_date = public_holiday.holiday_date

)

select * from joined
